"""`POST /v1/auth` by three ways in, `POST /v1/operators/{id}/token`, and what an operator is."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from sandbox.exchange import JSON, Answer, Asked
from sandbox.soracom import tokens
from sandbox.soracom.accounts import MFA_CODE, Way
from sandbox.soracom.ask import Ask
from sandbox.soracom.asking import a_number, a_text, an_object, body_of, query_of
from sandbox.soracom.codes import Code
from sandbox.soracom.parties import Operator
from sandbox.soracom.refusals import refuse
from sandbox.soracom.service import Service
from sandbox.soracom.switches import SecondFactor
from sandbox.soracom.words import TOKEN_LIFE_S, TOKEN_LIFE_S_MAX, TOKEN_LIFE_S_MIN, Payment

FIELDS = frozenset(
    {"email", "password", "authKeyId", "authKey", "operatorId", "userName", "mfaOTPCode", "tokenTimeoutSeconds"}
)
# The properties of each way in: those that name somebody, then the one that proves it.
WAYS = {
    Way.PASSWORD: (("email",), "password"),
    Way.AUTH_KEY: (("authKeyId",), "authKey"),
    Way.USER: (("operatorId", "userName"), "password"),
}
LIFE = "tokenTimeoutSeconds"


def log_in(service: Service, asked: Asked, names: tuple[str, ...]) -> Answer:
    """API key and token of whoever the body proves to be; 401 for wrong ones, 400 for what is no such body."""
    query_of(asked)
    body = an_object(body_of(asked), FIELDS)
    life_s = _life_s(body)
    given = {name: a_text(value, name) for name, value in body.items() if name != LIFE}
    code = given.pop("mfaOTPCode", "")
    way, (names, proof) = _way(given)
    operator, user = _proven(service, way, " ".join(given[name] for name in names), given[proof])
    if way is not Way.AUTH_KEY and service.switches.second_factor is SecondFactor.ON and code != MFA_CODE:
        refuse(Code.SECOND_FACTOR)
    granted: dict[str, JSON] = {
        "apiKey": tokens.api_key(service.secret, operator.id, user),
        "token": service.new_token(operator, user, life_s, asked.number),
        "operatorId": operator.operator,
    }
    return Answer.of(200, granted | ({"userName": user} if user else {}))


def new_token(service: Service, asked: Asked, names: tuple[str, ...]) -> Answer:
    """A token for the one that the request bears, which goes on being good; 400 where that has expired."""
    query_of(asked)
    claims = service.claims(asked)
    if claims is None:
        refuse(Code.NOT_LET_IN)
    if claims.until_s <= service.clock.now_s() or claims.generation < service.generation:
        refuse(Code.RENEWAL)
    own = service.operators[claims.operator_id]
    if names != (own.operator,):
        refuse(Code.OPERATOR)
    life_s = _life_s(an_object(body_of(asked), {LIFE}))
    return Answer.of(200, {"token": service.new_token(own, claims.user, life_s, asked.number)})


def read_operator(ask: Ask) -> Answer:
    """The caller's own operator; 400 for any other id."""
    query_of(ask.asked)
    own = ask.caller.operator
    if ask.names != (own.operator,):
        refuse(Code.OPERATOR)
    created = datetime.fromtimestamp(own.created_s, UTC).strftime("%Y%m%d%H%M%S")
    shown: dict[str, JSON] = {
        "operatorId": own.operator,
        "rootOperatorId": own.operator,
        "email": own.email,
        "description": own.name,
        "createDate": created,
        "updateDate": created,
    }
    return Answer.of(200, shown)


def read_payment(ask: Ask) -> Answer:
    """The caller's payment method; 404 where it has none."""
    query_of(ask.asked)
    payment = ask.service.payments[ask.caller.operator.id]
    if payment is Payment.NONE:
        refuse(Code.PAYMENT_NONE)
    shown: dict[str, JSON] = {"providerType": "WebPay", "properties": "{}", "updateDate": "20240115090000"}
    if payment is Payment.INVALID:
        shown |= {"errorCode": "card_declined", "errorMessage": "The card was declined"}
    return Answer.of(200, shown)


def _life_s(body: Mapping[str, JSON]) -> int:
    return a_number(body.get(LIFE, TOKEN_LIFE_S), LIFE, TOKEN_LIFE_S_MIN, TOKEN_LIFE_S_MAX)


def _way(given: Mapping[str, str]) -> tuple[Way, tuple[tuple[str, ...], str]]:
    way = next((way for way, (names, proof) in WAYS.items() if set(given) == {*names, proof}), None)
    if way is None:
        ways = "; ".join(", ".join((*names, proof)) for names, proof in WAYS.values())
        refuse(Code.BODY, f"One way in is wanted: {ways}")
    return way, WAYS[way]


def _proven(service: Service, way: Way, name: str, proof: str) -> tuple[Operator, str]:
    row = service.books.live.execute(
        "SELECT secret, user, operator_id FROM credential WHERE way = ? AND name = ?", (way, name)
    ).fetchone()
    if row is None or not hmac.compare_digest(str(row[0]).encode(), proof.encode()):
        refuse(Code.LOGIN)
    return service.operators[row[2]], str(row[1])
