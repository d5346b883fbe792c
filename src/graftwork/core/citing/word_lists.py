"""Words with a part of their own when a sentence is compared with its source: English, German, French."""


def listed(words: str) -> frozenset[str]:
    """The words of a list, folded as `words.fold` folds: ß is ss."""
    return frozenset(words.casefold().split())


# Words that carry no statement by themselves.
FUNCTION_WORDS = listed(
    """
    least see a about above after again all also although am an and another any are as at be because been before being
    below between both but by can could did do does doing done down during each either else etc even ever every few
    for from further had has have having he her here hers herself him himself his how however i if in into is it its
    itself just let like may me might more most much must my myself near of off on once one ones only onto or other
    others our ours out over own per quite rather same shall she should since so some such than that the their theirs
    them themselves then there these they this those though through thus to too toward under until unless up upon us
    very via was we were what when where whether which while who whom whose why will with within would yes yet you
    your yours yourself not no nor never neither cannot without isn't don't doesn't didn't won't can't aren't wasn't
    aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin beträgt betragen bis
    bist da dabei dadurch dafür damit danach dann das dass daß davon dazu dein deine dem den denen denn der deren des
    dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er
    es etwa etwas euch euer eure für gegen hab habe haben hat hatte hätte hier hinter ich ihm ihn ihnen ihr ihre ihrem
    ihren ihrer im in indem innerhalb ins ist ja jede jedem jeden jeder jedes jedoch kann kannst können könnte man
    mehr mein meine mich mir mit muss müssen nach nachdem neben noch nun nur ob oder ohne schon sehr sein seine seinem
    seinen seiner seit sich sie sind so sobald sofern soll sollen sollte sondern sowie sowohl statt über um und uns
    unser unsere unserem unseren unter vom von vor war waren was weil weiter welche welchem welchen welcher wenn wer
    werden wie wieder wir wird wo wurde wurden während wäre würde zu zum zur zwar zwischen nicht kein keine keinem
    keinen keiner nie au aux avec ce ces cet cette ceux chez comme dans de depuis des donc dont du elle elles en
    encore est et été être eu eux fait il ils je la le les leur leurs lui là mais mes moi mon même ne nos notre nous
    on ont ou où par parce pas peut peuvent plus pour qu que quel quelle qui sa sans se ses si son sont sous sur ta te
    tes toi ton tous tout toute toutes tu un une vos votre vous y à c d j l m n s t
    """
)

# Words by which a draft talks about its sources or to its reader rather than about the matter.
TALK_WORDS = listed(
    """
    disagree disagrees
    possible délai möglich frist ahead accordance according apply applies available based currently dear describe
    described detail details document documents example following generally given include included includes
    information kindly mean means mention mentioned mentions note number order passage passages please policy policies
    provide provided provides refer regarding rule rules say says section source sources state stated states therefore
    accordingly thank thanks understand case cases able additionally addition moreover furthermore meaning usually
    simply abschnitt angaben bitte dokument dokumente entsprechend folgende folgenden gemäß gilt hinweis information
    informationen laut regelung richtlinie sogenannte somit unterlagen zudem außerdem beispielsweise document
    documents extrait selon conformément règle passage veuillez merci donc ainsi également
    """
)

# Words that people write for one another. One family a line; a word belongs to one family only.
FAMILIES = """
    refund refunded refundable reimburse reimbursed reimbursement repay repaid moneyback
    buy bought purchase purchased buyer buying
    customer client customers clients shopper
    employee staff worker employees workers personnel colleague colleagues
    employer company firm organisation organization business
    send sent ship shipped shipping shipment mail mailed dispatch dispatched post posted
    deliver delivery delivered arrive arrival arrives arrived
    begin began start starts started commence commences
    end ends finish finished expire expires expiry terminate terminated termination
    cost costs expense expenses price prices priced fee fees charge charges charged paying
    pay paid pays payment payments
    require requires required mandatory obligatory obliged compulsory needed necessary need needs
    allow allowed allows permit permitted permits entitled eligible qualify
    inform informed notify notified notification notice tell told
    give gives gave grant granted offer offers offered get gets receive receives received obtain
    ask asks asked request requests requested apply application applying
    damage damaged defect defective fault faulty broken
    holiday holidays vacation leave pto
    doctor physician practitioner
    phone telephone call calls phoned
    email mailbox e-mail
    yearly annual annually year years
    monthly month months
    weekly week weeks
    daily day days
    big large larger bigger
    small little smaller
    quick quickly fast rapid rapidly
    help assist assistance support
    change changed changes modify modified amend amended alter
    stop cease discontinue discontinued halted
    show shows showed shown seen reveal revealed demonstrate demonstrates demonstrated find found
    increase increased increases rise rose risen raise raised grew grow
    decrease decreased decreases fall fell drop dropped decline declined reduce reduced reduction reduces lower lowered
    use used uses usage using utilise utilised
    keep kept keeps retain retained retention store stored
    remote remotely home homeoffice telework
    repair repaired repairs fix fixed mend mended
    return returned returns returning back
    item items product products article articles goods
    cancel cancelled canceled cancellation withdraw withdrawal
    contract agreement contracts agreements
    manager supervisor boss superior
    treat treated treatment therapy
    patient patients
    drug medicine medication
    sick ill illness sickness
    choose chosen select selected pick
    explain explained describe
    exceed exceeds exceeding longer
    free gratis complimentary kostenlos kostenfrei gratuit
    rückgabe zurückgeben zurückgegeben zurücksenden rücksendung retoure zurückgeschickt
    erstattung erstatten erstattet rückerstattung zurückerstattet rückzahlung
    kunde kunden kundin kundinnen käufer besteller
    mitarbeiter mitarbeitende beschäftigte arbeitnehmer angestellte mitarbeiterinnen
    lieferung liefern geliefert zustellung zugestellt versand versenden versendet verschickt
    urlaub urlaubstage ferien
    kosten gebühr gebühren preis entgelt kostet
    beginn beginnt beginnen anfang startet
    kündigung kündigen gekündigt beendet
    ware artikel produkt produkte waren
    remboursement remboursé rembourser remboursés
    retour retourner renvoyer
    livraison livrer livré expédié expédition
    congé congés vacances
    salarié salariés employé employés
"""

NEGATIONS = listed(
    """
    not no never none neither nor cannot without n't nothing nobody nowhere nicht kein keine keinen keinem keiner
    keines nie niemals ohne nichts weder pas jamais aucun aucune sans rien
    """
)

# A sentence with one of these says no without a negation, or yes with one: its polarity is left to people.
HIDDEN_NEGATIONS = listed(
    """
    only unless except excluding excluded exclude excludes exempt exempted refuse refused refuses reject rejected
    forbid forbidden prohibit prohibited prohibits ban banned deny denied decline declined fail fails failed void
    invalid impossible unable unavailable lack lacks missing barely hardly few otherwise instead avoid avoids prevent
    prevents absence absent free waive waived ineligible unlikely rule nur außer ausgenommen ausgeschlossen verboten
    untersagt abgelehnt unmöglich kaum statt verweigert unzulässig sauf seulement interdit interdite exclu exclus
    exclue refusé impossible uniquement
    """
)

# Two words of which a sentence that copies its source does not swap one for the other.
OPPOSITES = """
    before after
    within after
    innerhalb nach
    minimum maximum
    least most
    always never
    more less
    higher lower
    above below
    =increase =decrease
    accept reject
    accepted rejected
    allowed prohibited
    allowed forbidden
    permitted prohibited
    permitted forbidden
    may must
    mandatory optional
    required optional
    include exclude
    included excluded
    includes excludes
    employer employee
    buyer seller
    lender borrower
    landlord tenant
    licensor licensee
    disclosing receiving
    open closed
    early late
    paid unpaid
    first last
    left right
    positive negative
    free charged
    with without
    male female
    internal external
    weekdays weekends
    full partial
    vor nach
    mindestens höchstens
    arbeitgeber arbeitnehmer
    käufer verkäufer
    vermieter mieter
    erlaubt verboten
    mehr weniger
    immer nie
    inklusive exklusive
    avant après
    minimum maximum
    plus moins
    employeur salarié
    vendeur acheteur
"""

# Of these a draft never names one where its passages only name the other.
STRICT_OPPOSITES = """
    left right
    male female
    minimum maximum
    disclosing receiving
    buyer seller
    lender borrower
    landlord tenant
    licensor licensee
    plaintiff defendant
    mother father
    internal external
    indoor outdoor
    morning evening
    upper lower
    arbeitgeber arbeitnehmer
    käufer verkäufer
    vermieter mieter
    links rechts
    linken rechten
    linke rechte
    gauche droite
    vendeur acheteur
"""

# Capitalised words that name no one in particular.
GENERIC_NAMES = listed(
    """
    hi hello hey dear hallo liebe lieber vielen dank danke guten tag bonjour merci damen herren herr frau kunde kundin
    mesdames messieurs i i'm i'll i've mr mrs ms miss dr prof sir madam customer customers service support team
    department desk office manager director policy policies terms conditions return returns refund refunds shipping
    delivery privacy human resources hr faq ok pdf ps url id email e-mail internet web website online item order
    account user employee employees handbook section article paragraph chapter page annex appendix table figure
    schedule part step note yes no number company agreement contract party parties buyer seller supplier provider
    client tenant landlord licensee licensor recipient disclosing receiving confidential information report summary
    patient doctor vat gmt utc cet est n/a your name you we our
    """
)
