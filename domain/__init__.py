"""The nouns: identifiers, lists, plans, orders, outcomes, errors; pure values and the decisions made from them."""
