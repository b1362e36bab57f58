"""Super SIM's documented API, as Twilio and as KORE offer it, over books of its own."""
