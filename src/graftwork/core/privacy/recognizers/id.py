"""Numbers of cases, orders, tickets, invoices and things, by their label; codes that bear their kind; long numbers."""

import re
from collections.abc import Iterator

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import (
    TIGHT,
    bounded,
    compact,
    hint,
    is_measure,
    labelled,
    long_numbered,
    numbered,
)

# With these a number follows at once: "order 48213", "case no. 12/345".
_LABELS = (
    (
        r"(?:case|application|docket|file|matter|claim|complaint|petition|appeal|registration"
        r"|incident|ticket|order|invoice|receipt|booking"
        r"|reservation|confirmation|tracking|shipment|consignment|parcel|contract|agreement"
        r"|reference|ref|transaction|payment|request|report"
        r"|record|return|rma|po|purchase order|quote|bill|voucher|deed|permit|warrant"
        r"|certificate|visa|approval|grant|job|work order|build"
        r"|suspect|inmate|prisoner|detainee|offender|asset|serial|batch|lot|session"
        r"|correlation|trace|message|document|doc|dossier|folio"
        r"|system|entity|company|charity|organi[sz]ation|vat|duns|lei|eori|crn|utr|service"
        r"|service request|sr|policy|scheme|project|event|issue)"
        r"[ _-]?(?:ids?|identifiers?|identification|nos?|numbers?|num|nr|code|key|#)\b\.?"
    ),
    (
        r"(?:case|application|docket|claim|ticket|order|invoice|booking|reservation"
        r"|tracking|confirmation|reference|ref|incident|transaction"
        r"|petition|matter|dossier|rma)"
    ),
    r"(?-i:IDs?|Id|UUID|GUID|REF|Ref|PNR|AWB|MTCN|UTR|RRN|ARN)",
    r"identifiers?|identification(?: number| no)?",
    (
        r"(?:bestell|auftrags|rechnungs|vorgangs|fall|ticket|vertrags|buchungs|sendungs"
        r"|liefer|beleg|antrags|schaden|geschäfts|gesch[aä]fts)(?:nummer|nr)"
    ),
    (
        r"(?:rechnung|bestellung|auftrag|vertrag|vorgang|beleg|antrag|schaden|sendung)s?[ -]n"
        r"(?:umme)?r|aktenzeichen|gesch[aä]ftszeichen|(?-i:Az)|referenz(?:nummer)?"
    ),
    r"(?:vertrag|police|schadensfall|sinistre|contrat|dossier|contrato|p[oó]liza|siniestro)",
    (
        r"(?:n[uú]mero|n[º°o]\.?) de (?:emplead[oa]|client[ea]|soci[oa]|contrato|p[oó]liza|abonad[oa]|alumn[oa])"
        r"|personalnummer|mitarbeiternummer|matricule|legajo"
    ),
    (
        r"(?:num[eé]ro|n[o°]|r[eé]f[eé]rence)(?: de)?(?: (?:commande|dossier|facture"
        r"|r[eé]servation|suivi|affaire|r[oô]le|contrat|sinistre|ticket))?"
    ),
    (
        r"(?:n[uú]mero|n[º°])(?: de)? (?:pedido|expediente|factura|reserva|caso|referencia"
        r"|seguimiento|episodio|registro|siniestro)|expediente|pedido"
    ),
)
_LIST = re.compile(r"\d[\d/.-]*\d")


def _each(value: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _LIST.finditer(value) if not is_measure(match[0]))


def _is_code(value: str) -> bool:
    """Mark and figures. Standards and years look alike: ISO-27001, RFC-2119, COVID-2019."""
    mark = re.split(r"[-_]", value)[0].upper()
    return mark not in {
        "ISO",
        "RFC",
        "DIN",
        "IEC",
        "IEEE",
        "CVE",
        "UTF",
        "SHA",
        "MD",
        "PEP",
        "COVID",
        "HTTP",
        "ERR",
        "EN",
    }


def _is_mixed(value: str) -> bool:
    return 6 <= len(compact(value)) <= 40  # shorter are models, longer are data


RECOGNIZER = PatternRecognizer(
    "id",
    (
        Pattern(
            "id",
            bounded(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
            "a universally unique identifier",
            score=0.95,
        ),
        Pattern(
            "id",
            (
                r"(?i)\bn(?:os?|[º°]|r)\.?[ ]?(?P<value>\d{2,6}/\d{2,4}(?:(?:, ?| and | et "
                r"| & |; ?)(?:nos?\.? )?\d{2,6}/\d{2,4}){0,40})\b"
            ),
            "the number of an application or a case",
            score=0.85,
            hint=r"\d/\d{2}",
            locate=_each,
        ),
        Pattern(
            "id", r"\b[CTF]-\d{1,4}/\d{2}(?: P| PPU| OP)?\b", "the number of a case of the Court of Justice", score=0.8
        ),
        Pattern(
            "id",
            r"\b[1-9]:\d{2}-(?:cv|cr|mj|bk|md|ap)-\d{3,6}(?:-[A-Z]{2,4}){0,3}\b",
            "the number of a US case",
            score=0.9,
        ),
        Pattern(
            "id",
            r"\b[IVX]{1,4} (?:ZR|StR|AZR|ZB|AR|BvR|Sa|Ca|O|U|W|Js|Ds|Cs|Ls)[ -]\d{1,6}/\d{2}\b",
            "a German file number",
            score=0.8,
        ),
        Pattern(
            "id",
            r"\b\d{1,4} (?:BvR|BvL|StR|Js|Cs|Ds|Ls|KLs|Ss|ZR|Sa|Ca|O|C|F|K|L|S|U|W) \d{1,6}/\d{2}\b",
            "a German file number",
            score=0.7,
        ),
        Pattern(
            "id", r"\bECLI:[A-Z]{2}:[A-Z0-9]{1,7}:\d{4}:[A-Z0-9.]{1,25}\b", "the identifier of a judgment", score=0.8
        ),
        Pattern("id", labelled(_LABELS, TIGHT), "a number, by its label", numbered, 0.8, hint(_LABELS)),
        Pattern(
            "id",
            labelled(_LABELS[:1], TIGHT, words=True),
            "a number, by a label further off",
            long_numbered,
            0.72,
            hint(_LABELS[:1]),
        ),
        Pattern("id", r"(?:^|[^\w&])#(?P<value>\d{5,20})\b", "a number behind its sign", score=0.7),
        Pattern(
            "id",
            (
                r"(?i)\b(?:ids?|ref|reference|code|case|ticket|order|client|customer|file|record"
                r"|no|nr)[ ]?#[ ]?(?P<value>[A-Z0-9][A-Z0-9_/-]{2,30})\b"
            ),
            "a number behind its sign",
            lambda value: any(map(str.isdigit, value)),
            score=0.7,
            hint="#",
        ),
        Pattern(
            "id",
            (
                r"\b(?:[A-Z]{2,8}[-_]){1,3}(?:[A-Z]{1,5})?\d{5,}[A-Z]{0,3}\b|\b(?:[A-Z]{2,5}[-_]){2,3}[A-Z]{0,3}\d{3,}"
                r"(?:-[A-Z0-9]+)?\b"
            ),
            "a code that bears its kind",
            _is_code,
            0.86,
        ),
        Pattern(
            "id",
            r"\b[A-Z]{1,4}\d{6,}[A-Z]{0,2}\b|\b\d[A-Z]{2,4}\d{6,}\b|\b\d{6,}[A-Z]{1,3}\b|\b\d{5,}-[A-Z]{2,10}\b",
            "a code of letters and figures",
            _is_mixed,
            0.5,
        ),
        Pattern("id", r"\b\d{4,}(?:-\d{3,}){2,5}\b|\b\d{3}-\d{7}-\d{7}\b", "groups of figures", score=0.55),
        Pattern("id", r"(?:^|[^\w.]|_|\D\.)(?P<value>\d{9,20})(?:\b|_)", "a long number of no known form", score=0.4),
    ),
)
