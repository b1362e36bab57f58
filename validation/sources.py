"""What the rules appeal to, and the advice that several of them give."""

from __future__ import annotations

EXCEL = "https://support.microsoft.com: Excel specifications and limits, number precision: 15 digits"
E118 = "ITU-T E.118, section 4: structure of the primary account number"
E212 = "ITU-T E.212, section 6: structure of the IMSI"
LUHN = "ITU-T E.118, section 4, and ISO/IEC 7812-1, annex B"
DOUBLES = "IEEE 754 binary64: 53 bits"
SUPER_SIM = "Super SIM API (Twilio, KORE), Sim resource"
SORACOM = "Soracom API, Sim"
SORACOM_IDS = "Soracom, documentation of Soracom Air: SIM IDs, ICCIDs and IMSIs"
SORACOM_TRANSFER = "Soracom, documentation of Soracom Air: transferring IoT SIMs"
OURS = "docs/architecture.md: identifiers are text, and a SIM has one row"

ASK_AGAIN = "Get the list again from where it came from, with this column formatted as Text before it is filled."
