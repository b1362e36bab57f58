"""The monthly reconciliation: what the books say against what the providers hold.

registers ─┐                                     ┌─► breaks ──┐
           ├─► entries ─► numbers ─► judged ─────┤            ├─► ledger of the month
accounts ──┘                                     └─► totals   │
last month's accounts ─► movements        last month's ledger ┘
"""
