"""Laws of judging: no row is lost, a good number passes however it is written, a wrong digit does not."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.findings import FINDINGS
from domain.identifiers import check_digit, printed
from domain.lists import LINES, Kind
from tests.validation.judged import BODY, FIRST_ROW, Row, keys, sid, verdict
from validation.tables import PROVIDERS

FEW = settings(max_examples=15, deadline=None)
MANY_ROWS = 20
IMSIS = {"emnify": "^[0-9]{14,15}$", "soracom": "^[0-9]{15}$"}  # by which a provider's SIMs are known, where they are

# odd, so that no handful of them looks rounded
bodies = st.integers(0, 5 * 10**16 - 1).map(lambda half: f"89{half * 2 + 1:017}")
gaps = st.sampled_from(["", "", "", "", " ", "\u00a0", "\u2009", "\u202f", "\t", "-", "–", "\u2011", "\u2212", " - "])
edges = st.sampled_from(["", " ", "\u00a0", "\r\n", "  "])
scraps = st.sampled_from(
    [*"0123456789-,.x=F", "8988303", "000008013931", " - ", "..", "to", "E+18", "３", "٣", "\u200f"],
)
texts = st.one_of(
    bodies,
    bodies.map(printed),
    st.lists(scraps, max_size=8).map("".join),
    st.text(max_size=25),
    st.integers(0, 99).map(lambda step: str(BODY + step)),
    st.integers(0, 9).map(sid),
    st.builds("{}{}{}".format, scraps, st.integers(0, 9).map(sid), scraps),
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ends: f"{BODY + ends[0]}-{BODY + ends[1]}"),
)
numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers(-(10**20), 10**21).map(str),
    st.integers(8988 * 10**14, 8989 * 10**14).map(str),
)
imsis = st.one_of(st.none(), st.integers(10**13, 10**15 - 1).map(str), st.text("0123456789x ", max_size=16))
rows = st.builds(
    Row,
    sim=st.one_of(st.none(), texts, numbers),
    kind=st.sampled_from([Kind.TEXT, Kind.TEXT, Kind.TEXT, *Kind]),
    imsi=imsis,
    imsi_kind=st.sampled_from(list(Kind)),
    end=st.one_of(st.none(), st.none(), texts),
    end_kind=st.sampled_from([Kind.TEXT, *Kind]),
)


@st.composite
def decorated(draw: st.DrawFn, body: str) -> str:
    form = draw(st.sampled_from([body, body + "F", body + "f", printed(body)]))
    spaced = "".join(digit + draw(gaps) for digit in form[:-1]) + form[-1]
    return draw(edges) + spaced + draw(edges)


@FEW
@given(st.lists(rows, max_size=MANY_ROWS), st.sampled_from([None, *PROVIDERS]))
def test_no_row_is_lost_and_none_is_answered_twice(asked: list[Row], provider: str | None) -> None:
    answer = verdict(*asked, provider=provider)
    accepted, rejected = set(answer.lines["row"]), set(answer.rejected["row"])
    assert accepted | rejected == set(range(FIRST_ROW, FIRST_ROW + len(asked)))
    assert not accepted & rejected
    assert rejected == set(answer.findings.filter(pl.col("severity") == "error")["row"])
    assert answer.rejected.height == len(rejected) == answer.rows_rejected
    assert (answer.rows_read, answer.rows_accepted) == (len(asked), len(accepted))
    assert answer.findings["row"].is_sorted()
    assert answer.findings.null_count().drop("raw").sum_horizontal().item() == 0
    assert (answer.lines.schema, answer.findings.schema) == (LINES, FINDINGS)


@FEW
@given(st.lists(rows, max_size=MANY_ROWS), st.sampled_from(PROVIDERS))
def test_an_accepted_line_has_a_key_of_19_digits_that_comes_once_or_what_its_provider_knows_it_by(
    asked: list[Row], provider: str
) -> None:
    lines = verdict(*asked, provider=provider).lines
    named = lines.filter(pl.col("key").is_not_null())
    assert named["key"].str.contains("^89[0-9]{17}$").all()
    assert named["key"].is_unique().all()
    assert named["iccid"].str.contains("^[0-9]{19,20}$").all()
    assert (named["iccid"].str.head(19) == named["key"]).all()
    others = lines.filter(pl.col("key").is_null())
    assert others["iccid"].is_null().all()
    assert named["sim_id"].is_null().all()
    if provider in IMSIS:
        assert others["imsi"].str.contains(IMSIS[provider]).all()
        assert others["sim_id"].is_null().all()
    else:
        assert others["sim_id"].str.contains("^HS[0-9a-fA-F]{32}$").all()
        assert others["sim_id"].is_unique().all()
        assert others["sim_id"].null_count() == 0
    assert lines["line"].to_list() == list(range(lines.height))


@FEW
@given(st.lists(bodies, unique=True, min_size=1, max_size=MANY_ROWS).flatmap(
    lambda some: st.tuples(st.just(some), st.tuples(*map(decorated, some)))
))  # fmt: skip
def test_a_good_iccid_is_accepted_under_the_same_key_however_it_is_decorated(
    drawn: tuple[list[str], tuple[str, ...]],
) -> None:
    plain, written = drawn
    assert keys(*written) == plain


@FEW
@given(st.lists(st.tuples(bodies, st.integers(0, 19), st.integers(1, 9)), min_size=1, max_size=MANY_ROWS))
def test_one_wrong_digit_in_a_20_digit_iccid_is_found(errors: list[tuple[str, int, int]]) -> None:
    wrong = []
    for body, place, step in errors:
        good = printed(body)
        wrong.append(good[:place] + str((int(good[place]) + step) % 10) + good[place + 1 :])
    assert verdict(*wrong).rows_accepted == 0


@FEW
@given(st.lists(st.tuples(bodies, st.integers(0, 18)), min_size=1, max_size=MANY_ROWS))
def test_two_neighbouring_digits_swapped_are_found_but_for_09_and_90(errors: list[tuple[str, int]]) -> None:
    wrong = []
    for body, place in errors:
        good = printed(body)
        first, second = good[place], good[place + 1]
        if first != second and {first, second} != {"0", "9"}:
            wrong.append(good[:place] + second + first + good[place + 2 :])
    assert verdict(*wrong).rows_accepted == 0


@FEW
@given(st.lists(st.one_of(numbers, bodies, bodies.map(printed)), min_size=1, max_size=MANY_ROWS))
def test_a_number_cell_is_never_accepted_as_an_iccid(written: list[str]) -> None:
    answer = verdict(*(Row(text, Kind.NUMBER) for text in written))
    assert answer.lines["iccid"].null_count() == answer.lines.height
    assert answer.lines["imsi"].str.len_bytes().eq(15).all()


spans = st.tuples(st.integers(0, 40), st.integers(0, 4), st.booleans(), st.booleans())


@FEW
@given(st.lists(spans, max_size=MANY_ROWS))
def test_a_row_is_a_duplicate_exactly_where_it_shares_a_sim_with_an_earlier_one(
    drawn: list[tuple[int, int, bool, bool]],
) -> None:
    first_with: dict[int, int] = {}
    wanted, asked = {}, []
    for row, (start, more, in_full, in_columns) in enumerate(drawn, FIRST_ROW):
        ends = [str(BODY + start), str(BODY + start + more)]
        low, high = [printed(end) for end in ends] if in_full else ends
        match (more, in_columns):
            case (0, _):
                asked.append(Row(low))
            case (_, True):
                asked.append(Row(low, end=high))
            case _:
                asked.append(Row(f"{low}–{high}"))
        sims = range(start, start + more + 1)
        earlier = [first_with[sim] for sim in sims if sim in first_with]
        if earlier:
            wanted[row] = f"row {min(earlier)}."
        for sim in sims:
            first_with.setdefault(sim, row)
    answer = verdict(*asked)
    found = dict(answer.findings.select("row", pl.col("sentence").str.extract(r"(row \d+\.)$")).rows())
    assert found == wanted
    assert set(answer.findings["code"]) <= {"duplicate"}


@FEW
@given(bodies, st.integers(0, 999), st.booleans())
def test_a_range_stands_for_every_body_between_its_ends_and_prints_their_check_digits(
    start: str,
    more: int,
    in_full: bool,  # noqa: FBT001 - hypothesis gives its arguments by position
) -> None:
    end = str(int(start) + more)
    if not end.startswith(start[:7]):
        return
    ends = (printed(start), printed(end)) if in_full else (start, end)
    lines = verdict(f"{ends[0]} .. {ends[1]}").lines
    wanted = [str(body) for body in range(int(start), int(end) + 1)]
    assert lines["key"].to_list() == wanted
    assert lines["iccid"].to_list() == [body + check_digit(body) for body in wanted]
    assert lines["in_range"].all()
