package image

import (
	"encoding/binary"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// genre says how a field is kept.
type genre uint8

const (
	sansIndex  genre = iota
	parMots          // a dictionary of folded words
	parCle           // a dictionary of whole values
	parHachage       // 64 bits of each value: many values, each with few records
	parInstant       // a column, and the order of it
	parLieu          // a dictionary of squares of the ground
)

var genres = [annuaire.NombreChamps]genre{
	annuaire.ParID: parHachage, annuaire.ParIdentifiant: parHachage,
	annuaire.ParPraticien: parHachage, annuaire.ParStructure: parHachage,
	annuaire.ParJuridique: parHachage, annuaire.ParMembre: parHachage,
	annuaire.ParCarte: parHachage, annuaire.ParSerie: parHachage, annuaire.ParLicence: parHachage,
	annuaire.ParMaj:    parInstant,
	annuaire.ParMetier: parMots, annuaire.ParVille: parMots, annuaire.ParNom: parMots, annuaire.ParPrenom: parMots, annuaire.ParCommune: parMots,
	annuaire.ParVoie: parMots, annuaire.ParFabricant: parMots, annuaire.ParModele: parMots,
	annuaire.ParTypeIdentifiant: parCle, annuaire.ParActif: parCle, annuaire.ParSysteme: parCle,
	annuaire.ParAutorite: parCle, annuaire.ParProfession: parCle, annuaire.ParCategorie: parCle,
	annuaire.ParSavoir: parCle, annuaire.ParDiplome: parCle, annuaire.ParBAL: parCle,
	annuaire.ParDomaineBAL: parCle, annuaire.ParTypeBAL: parCle, annuaire.ParTypeCarte: parCle,
	annuaire.ParINSEE: parCle, annuaire.ParCodePostal: parCle, annuaire.ParSecteur: parCle,
	annuaire.ParSorte: parCle, annuaire.ParFonction: parCle, annuaire.ParForme: parCle,
	annuaire.ParModalite: parCle, annuaire.ParStatut: parCle,
	annuaire.ParLieu: parLieu, annuaire.ParAMC: parCle, annuaire.ParService: parCle,
}

// champsDe are the fields of each nature, those of a dictionary and of hashes.
var champsDe = func() (t [annuaire.NombreNatures][]annuaire.Champ) {
	communs := []annuaire.Champ{annuaire.ParID, annuaire.ParIdentifiant, annuaire.ParTypeIdentifiant,
		annuaire.ParActif, annuaire.ParSysteme, annuaire.ParAutorite}
	messagerie := []annuaire.Champ{annuaire.ParBAL, annuaire.ParDomaineBAL, annuaire.ParTypeBAL}
	ajouter := func(n annuaire.Nature, l ...annuaire.Champ) {
		t[n] = append(append(t[n], communs...), l...)
	}
	ajouter(annuaire.Praticiens, append(messagerie, annuaire.ParNom, annuaire.ParPrenom, annuaire.ParMetier, annuaire.ParProfession,
		annuaire.ParCategorie, annuaire.ParSavoir, annuaire.ParDiplome, annuaire.ParCarte, annuaire.ParTypeCarte,
		annuaire.ParSerie, annuaire.ParCommune, annuaire.ParVille, annuaire.ParINSEE, annuaire.ParCodePostal)...)
	ajouter(annuaire.Situations, append(messagerie, annuaire.ParPraticien, annuaire.ParStructure,
		annuaire.ParFonction, annuaire.ParSavoir)...)
	ajouter(annuaire.Structures, append(messagerie, annuaire.ParNom, annuaire.ParMetier, annuaire.ParVille, annuaire.ParCategorie, annuaire.ParSecteur,
		annuaire.ParSorte, annuaire.ParLicence, annuaire.ParCommune, annuaire.ParINSEE, annuaire.ParCodePostal,
		annuaire.ParVoie, annuaire.ParJuridique, annuaire.ParMembre, annuaire.ParSerie, annuaire.ParLieu)...)
	ajouter(annuaire.Activites, annuaire.ParStructure, annuaire.ParSecteur, annuaire.ParForme, annuaire.ParModalite)
	ajouter(annuaire.Equipements, annuaire.ParStructure, annuaire.ParSecteur, annuaire.ParFabricant,
		annuaire.ParModele, annuaire.ParStatut)
	ajouter(annuaire.Acces, annuaire.ParAMC, annuaire.ParService, annuaire.ParStructure)
	return t
}()

// hacher folds the texts, taken as one, into 64 bits: FNV-1a, then mixed so that the
// high bits are as good as the low ones.
func hacher(textes ...string) uint64 {
	h := uint64(14695981039346656037)
	for _, t := range textes {
		for i := range len(t) {
			h = (h ^ uint64(t[i])) * 1099511628211
		}
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// recueil receives what a record is found by.
type recueil interface {
	cle(ch annuaire.Champ, valeur string)
	hache(ch annuaire.Champ, h uint64)
}

// indexation draws from a record what it is found by.
type indexation struct {
	r recueil
	m *lexique.Mots
}

// mots gives each form under which a text is found: see [lexique.Mots.Formes].
func (x indexation) mots(ch annuaire.Champ, s string) {
	if s == "" {
		return
	}
	x.m.Lire(s)
	x.m.Formes(func(m []byte) { x.r.cle(ch, texte(m)) })
}

func (x indexation) cle(ch annuaire.Champ, v string) {
	if v != "" {
		x.r.cle(ch, v)
	}
}

func (x indexation) ref(ch annuaire.Champ, v string) {
	if v != "" {
		x.r.hache(ch, hacher(v))
	}
}

func (x indexation) identifiant(type_, systeme, v string) {
	if v == "" {
		return
	}
	x.r.hache(annuaire.ParIdentifiant, hacher(v))
	x.r.hache(annuaire.ParIdentifiant, hacher(systeme, "|", v))
	x.cle(annuaire.ParTypeIdentifiant, type_)
}

func (x indexation) entete(e *annuaire.Entete) {
	x.ref(annuaire.ParID, e.ID)
	if e.Actif {
		x.cle(annuaire.ParActif, "true")
	} else {
		x.cle(annuaire.ParActif, "false")
	}
	x.cle(annuaire.ParSysteme, e.Trace.Systeme)
	x.cle(annuaire.ParAutorite, e.Trace.Autorite.Code)
}

func (x indexation) bal(l []annuaire.BAL) {
	for i := range l {
		if l[i].ListeRouge { // finding its holder by it would say what is not to be said
			continue
		}
		a := strings.ToLower(l[i].Adresse)
		x.cle(annuaire.ParBAL, a)
		if _, d, ok := strings.Cut(a, "@"); ok {
			x.cle(annuaire.ParDomaineBAL, d)
		}
		x.cle(annuaire.ParTypeBAL, string(l[i].Type))
	}
}

func (x indexation) praticien(p *annuaire.Praticien) {
	x.entete(&p.Entete)
	switch p.TypeID {
	case "8":
		x.identifiant("RPPS", annuaire.SystemeRPPS, p.Numero)
	case "0":
		x.cle(annuaire.ParTypeIdentifiant, "ADELI")
		x.ref(annuaire.ParIdentifiant, p.Numero)
	default:
		x.ref(annuaire.ParIdentifiant, p.Numero)
	}
	x.identifiant("IDNPS", annuaire.SystemeIDNatPS, p.IDNat)
	x.mots(annuaire.ParNom, p.Nom)
	x.mots(annuaire.ParPrenom, p.Prenom)
	x.cle(annuaire.ParProfession, p.Profession.Code)
	x.mots(annuaire.ParMetier, p.Profession.Libelle)
	x.cle(annuaire.ParCategorie, p.Categorie.Code)
	for _, s := range p.SavoirFaire {
		x.cle(annuaire.ParSavoir, s.Savoir.Code)
		x.mots(annuaire.ParMetier, s.Savoir.Libelle)
	}
	for _, d := range p.Diplomes {
		x.cle(annuaire.ParDiplome, d.Diplome.Code)
		x.cle(annuaire.ParDiplome, d.Discipline.Code)
	}
	x.bal(p.BAL)
	for _, k := range p.Cartes {
		x.ref(annuaire.ParCarte, k.Numero)
		x.cle(annuaire.ParTypeCarte, k.Type.Code)
	}
	x.certificats(p.Certificats)
	for _, l := range p.Exerce {
		x.mots(annuaire.ParCommune, l.Commune)
		x.mots(annuaire.ParVille, l.Commune)
		x.mots(annuaire.ParVille, l.CodePostal)
		x.cle(annuaire.ParINSEE, l.CodeCommune)
		x.cle(annuaire.ParCodePostal, l.CodePostal)
	}
}

func (x indexation) certificats(l []annuaire.Certificat) {
	for _, k := range l {
		x.ref(annuaire.ParSerie, k.Serie)
	}
}

func (x indexation) situation(s *annuaire.Situation) {
	x.entete(&s.Entete)
	x.ref(annuaire.ParPraticien, s.Praticien)
	x.ref(annuaire.ParStructure, s.Structure)
	x.bal(s.BAL)
	x.cle(annuaire.ParSavoir, s.SavoirFaire.Savoir.Code)
	for _, k := range [...]annuaire.Code{s.Mode, s.Genre, s.Fonction, s.TypeLiberal, s.StatutSSA,
		s.StatutHospitalier, s.MetierPharmacien, s.SectionPharmacien} {
		x.cle(annuaire.ParFonction, k.Code)
	}
}

func (x indexation) structure(s *annuaire.Structure) {
	x.entete(&s.Entete)
	x.ref(annuaire.ParIdentifiant, s.IDTechnique)
	x.identifiant("IDNST", annuaire.SystemeIDNatStruct, s.IDNat)
	if s.Sorte == annuaire.EntiteJuridique {
		x.identifiant("FINEJ", annuaire.SystemeFINESS, s.FINESSJuridique)
	} else {
		x.identifiant("FINEG", annuaire.SystemeFINESS, s.FINESS)
	}
	x.identifiant("SIRET", annuaire.SystemeSIRENE, s.SIRET)
	x.identifiant("SIREN", annuaire.SystemeSIRENE, s.SIREN)
	x.identifiant("RPPSRG", annuaire.SystemeRPPSRang, s.RPPSRang)
	x.mots(annuaire.ParNom, s.RaisonSociale)
	x.mots(annuaire.ParNom, s.Enseigne)
	x.cle(annuaire.ParCategorie, s.Categorie.Code)
	x.cle(annuaire.ParSecteur, s.Secteur.Code)
	x.cle(annuaire.ParSorte, codeSorte(s.Sorte))
	x.ref(annuaire.ParLicence, s.Licence)
	x.mots(annuaire.ParCommune, s.Adresse.Commune.Libelle)
	x.mots(annuaire.ParVille, s.Adresse.Commune.Libelle)
	x.mots(annuaire.ParVille, s.Adresse.CodePostal)
	x.mots(annuaire.ParMetier, s.Secteur.Libelle)
	x.mots(annuaire.ParMetier, s.Categorie.Libelle)
	x.cle(annuaire.ParINSEE, s.Adresse.Commune.Code)
	x.cle(annuaire.ParCodePostal, s.Adresse.CodePostal)
	x.mots(annuaire.ParVoie, s.Adresse.LibelleVoie)
	x.mots(annuaire.ParVoie, s.Adresse.TypeVoie.Libelle)
	x.ref(annuaire.ParJuridique, s.Juridique)
	for _, m := range s.Membres {
		x.ref(annuaire.ParMembre, m.ID)
	}
	x.bal(s.BAL)
	x.certificats(s.Certificats)
	if s.Situee {
		var c [8]byte
		x.r.cle(annuaire.ParLieu, texte(carre(c[:0], s.Latitude, s.Longitude)))
	}
}

func (x indexation) acces(a *annuaire.PointAcces) {
	x.entete(&a.Entete)
	x.ref(annuaire.ParIdentifiant, a.Numero)
	x.ref(annuaire.ParStructure, a.Organisme)
	x.cle(annuaire.ParAMC, a.NumeroAMC)
	for i := range a.Services {
		x.cle(annuaire.ParService, a.Services[i].Service)
	}
}

func codeSorte(s annuaire.Sorte) string {
	switch s {
	case annuaire.EntiteJuridique:
		return "LEGAL-ENTITY"
	case annuaire.ReseauDeSante:
		return "NETWORK"
	case annuaire.OrganismeComplementaire:
		return "INSURER"
	case annuaire.OperateurTiers:
		return "OPERATOR"
	}
	return "GEOGRAPHICAL-ENTITY"
}

func (x indexation) activite(a *annuaire.Activite) {
	x.entete(&a.Entete)
	x.ref(annuaire.ParIdentifiant, a.Numero)
	x.ref(annuaire.ParStructure, a.Structure)
	x.cle(annuaire.ParSecteur, a.Type.Code)
	x.cle(annuaire.ParForme, a.Forme.Code)
	x.cle(annuaire.ParModalite, a.Modalite.Code)
}

func (x indexation) equipement(e *annuaire.Equipement) {
	x.entete(&e.Entete)
	x.identifiant("", annuaire.SystemeARHGOS, e.Numero)
	x.ref(annuaire.ParStructure, e.Structure)
	x.cle(annuaire.ParSecteur, e.Type.Code)
	x.mots(annuaire.ParFabricant, e.Fabricant)
	x.mots(annuaire.ParModele, e.Modele)
	x.cle(annuaire.ParStatut, e.Statut)
}

// coteCarre is the side of a square of the ground, in millionths of a degree: about
// eleven kilometres from south to north.
const coteCarre = 100_000

// carre names the square of a point, so that squares sort from south to north, then
// from west to east.
func carre(b []byte, latitude, longitude int32) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32((latitude+90_000_000)/coteCarre))
	return binary.BigEndian.AppendUint32(b, uint32((longitude+180_000_000)/coteCarre))
}
