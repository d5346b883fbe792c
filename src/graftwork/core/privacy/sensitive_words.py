"""Words that say what a text is about, in English, German, French and Spanish. `*` stands for any ending.

Short on purpose: only words that hardly mean anything else. A use case adds its own with `[privacy.words]`.
"""

from collections.abc import Mapping

from graftwork.core.types import Sensitivity

_HEALTH = """\
diagnos*
cancer
tumour*
tumor*
leukaemia
leukemia
diabet*
insulin*
hiv
hepatitis
epilep*
asthma*
chemotherap*
psychiatr*
psychotherap*
antidepress*
schizophren*
bipolar disorder
depression
dementia
alzheimer*
miscarriage
pregnan*
abortion
medication
prescri*
surgery
biopsy
x ray
blood test
blood pressure
medical record
medical records
sick leave
sick note
disabilit*
krebs*
schwanger*
fehlgeburt
krankschreib*
krankmeldung*
arbeitsunfähig*
krankenakte*
medikament*
blutdruck
blutbild
behinderung*
schwerbehinder*
depressionen
therapie
chirurg*
grossesse
enceinte
fausse couche
avortement
médicament*
ordonnance médicale
arrêt maladie
handicapé*
dépression
chimiothérapie
tension artérielle
dossier médical
cáncer
embaraz*
aborto
medicamento*
medicación
diagnóstic*
baja médica
discapacid*
depresión
quimioterapia
historia clínica
hipertensión
"""

_CHILDREN = """\
kindergarten*
toddler*
newborn*
schoolchild*
under age
underage
my little son
my little daughter
kleinkind*
säugling*
minderjährig*
schulkind*
kita
nourrisson*
enfant mineur
école maternelle
crèche
menor de edad
menores de edad
recién nacid*
guardería
"""

_FINANCE = """\
credit score
bankrupt*
insolven*
debt collection
payslip*
salary
pay cheque
tax return
gehalt
gehaltsabrechnung*
lohnabrechnung*
schufa
insolvenz*
privatinsolvenz
steuererklärung
pfändung*
fiche de paie
bulletin de salaire
surendettement
déclaration d impôts
nómina
declaración de la renta
morosidad
"""

_SECRETS = """\
my password is
mein passwort ist
mein kennwort ist
mon mot de passe est
mi contraseña es
begin private key
begin rsa private key
begin openssh private key
"""

_BELIEFS = """\
trade union
union member
gewerkschaft*
syndicat
sindicato
asylum seeker*
asylbewerber*
demandeur d asile
solicitante de asilo
sexual orientation
sexuelle orientierung
orientation sexuelle
orientación sexual
transgender
homosex*
"""

WORDS: Mapping[Sensitivity, str] = {
    "health": _HEALTH,
    "children": _CHILDREN,
    "finance": _FINANCE,
    "secrets": _SECRETS,
    "beliefs": _BELIEFS,
}
