package noemie

// Type is the number of an entity, its three first digits. The zero value is
// the header of the file, which has that number.
type Type uint16

// Entities that this package reads. ref: ROC §17.4
const (
	TypeEntete       Type = 0
	TypeOrganisme    Type = 10
	TypeMandataire   Type = 20
	TypeDestinataire Type = 40
	TypeJournee      Type = 70
	TypeVirement     Type = 71 // accounting day with the references of the transfer
	TypeLot          Type = 80
	TypeFacture      Type = 100
	TypeFactureLong  Type = 102 // invoice with a longer number and what was billed
	TypePersonnes    Type = 103 // insured and patient together
	TypeTitre        Type = 105
	TypeAssure       Type = 110
	TypeMalade       Type = 120
	TypeNature       Type = 150
	TypeArchivage    Type = 160
	TypeActe         Type = 210
	TypeActeExecute  Type = 212
	TypeActePrescrit Type = 216
	TypeFrais        Type = 220
	TypeMouvement    Type = 250
	TypeRejet        Type = 290
	TypeRejetDetail  Type = 294
	TypeControle     Type = 990
	TypeFin          Type = 999
)

// aucunType is said in an error where no entity can be named.
const aucunType Type = 1000

// String is the number on three digits.
func (t Type) String() string {
	if t > 999 {
		return ""
	}
	return string([]byte{byte('0' + t/100), byte('0' + t/10%10), byte('0' + t%10)})
}

// Libelle is the name of the entity in French, "" for one that is not read.
func (t Type) Libelle() string { return libellesType[t] }

var libellesType = map[Type]string{
	TypeEntete: "en-tête", TypeOrganisme: "organisme complémentaire", TypeMandataire: "mandataire",
	TypeDestinataire: "destinataire de règlement", TypeJournee: "journée comptable",
	TypeVirement: "journée comptable et virement", TypeLot: "lot", TypeFacture: "facture",
	TypeFactureLong: "facture (numéro long)", TypePersonnes: "assuré et bénéficiaire", TypeTitre: "titre hospitalier",
	TypeAssure: "assuré", TypeMalade: "malade", TypeNature: "nature d'assurance", TypeArchivage: "critère d'archivage",
	TypeActe: "acte", TypeActeExecute: "acte avec exécutant", TypeActePrescrit: "acte avec exécutant et prescripteur",
	TypeFrais: "frais hospitaliers", TypeMouvement: "mouvement financier", TypeRejet: "rejet ou signalement",
	TypeRejetDetail: "rejet détaillé", TypeControle: "contrôle", TypeFin: "fin de fichier",
}

// Levels that the writer gives to the entities; the reader takes those of the
// file. Only that of the invoice is public. hyp: NOEMIE-NIVEAUX
const (
	niveauMandataire   = 1
	niveauDestinataire = 2
	niveauJournee      = 3
	niveauLot          = 4
	niveauFacture      = 5 // ref: S34
	niveauDetail       = 6
)

// ouvre tells whether an entity opens a level above the invoice.
func (t Type) ouvre() bool {
	switch t {
	case TypeMandataire, TypeDestinataire, TypeJournee, TypeVirement, TypeLot:
		return true
	}
	return false
}

// facture tells whether an entity opens an invoice.
func (t Type) facture() bool { return t == TypeFacture || t == TypeFactureLong }

// detail tells whether an entity stands inside an invoice.
func (t Type) detail() bool {
	return t == TypeOrganisme || t == TypePersonnes || t >= TypeTitre && t < TypeControle
}
