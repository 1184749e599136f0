package visiodroits

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Service is a service that a workstation asks. ref: VISIO §12
type Service string

// The services that a list may open.
const (
	DLD Service = "DLD" // demande en ligne de droits
	LAR Service = "LAR" // revoked accreditations
	FAO Service = "FAO" // invoice of the pharmacy
	STA Service = "STA" // counters sent back
	DOS Service = "DOS" // file number for pricing
	TAR Service = "TAR" // pricing (DLD-Tar)
)

// Codes is the closed list of services.
func (Service) Codes() []string { return []string{"DLD", "LAR", "FAO", "STA", "DOS", "TAR"} }

// Libelle is the French name of the service.
func (s Service) Libelle() string {
	switch s {
	case DLD:
		return "Demande en ligne de droits"
	case LAR:
		return "Liste des accréditations révoquées"
	case FAO:
		return "Facture de l'officine"
	case STA:
		return "Statistiques"
	case DOS:
		return "Numéro de dossier"
	case TAR:
		return "Tarification en ligne"
	}
	return ""
}

// Statut is whether an insurer opens a service: it may say that it does not, and
// only then does a workstation say so. ref: VISIO §14 // hyp: VISIO-NON-OUVERT
type Statut string

// The two statements.
const (
	Ouvert    Statut = "OUVERT"
	NonOuvert Statut = "NON_OUVERT"
)

// Codes is the closed list of statements.
func (Statut) Codes() []string { return []string{"OUVERT", "NON_OUVERT"} }

// NiveauService is the service level. ref: VISIO §1
type NiveauService string

// The two levels.
const (
	NiveauBase         NiveauService = "BASE"
	NiveauValorisation NiveauService = "VALORISATION"
)

// Codes is the closed list of levels.
func (NiveauService) Codes() []string { return []string{"BASE", "VALORISATION"} }

// ModeDroits is where the answering operator finds rights. ref: VISIO §3
type ModeDroits string

// The two modes.
const (
	Heberge    ModeDroits = "HEBERGE"     // the operator holds them
	NonHeberge ModeDroits = "NON_HEBERGE" // it asks the insurer
)

// Codes is the closed list of modes.
func (ModeDroits) Codes() []string { return []string{"HEBERGE", "NON_HEBERGE"} }

// Convention is the type of convention of a card. ref: ROC §6.1
type Convention string

// Motif is the pattern of the text form.
func (Convention) Motif() string { return `[0-9A-Z]{2}` }

// MotifCSR is a criterion of routing where ? is one character. ref: ROC §6.1
type MotifCSR string

// Motif is the pattern of the text form.
func (MotifCSR) Motif() string { return `[0-9A-Z?._-]{1,15}` }

// Kid names a key.
type Kid string

// Motif is the pattern of the text form.
func (Kid) Motif() string { return `[0-9A-Za-z_-]{1,64}` }

// Structure is the identifier of a structure, as the certificate of its seal carries it.
type Structure string

// Motif is the pattern of the text form.
func (Structure) Motif() string { return `[0-9A-Za-z-]{1,20}` }

// EmpreinteServeur is the SHA-256 of the certificate of a server, in hexadecimal.
type EmpreinteServeur string

// Motif is the pattern of the text form.
func (EmpreinteServeur) Motif() string { return `[0-9a-f]{64}` }

// Mandat lets an operator supply accreditations of dépannage when the insurer is
// silent. ref: VISIO §8.2
type Mandat struct {
	Operateur Emetteur   `fil:"operateur,max=20" doc:"Opérateur mandaté"`
	Debut     sante.Jour `fil:"debut" doc:"Premier jour du mandat"`
	Fin       sante.Jour `fil:"fin,opt" doc:"Dernier jour du mandat"`
	// Structure is whose seal the operator answers under, while the mandate holds. ref: DEC 14
	Structure Structure `fil:"structure,opt" doc:"Structure dont le sceau répond, en dépannage, tant que le mandat vaut"`
}

// EntreeService says where one service of an insurer is, for one way of routing
// and a period, or that the insurer does not open it. ref: VISIO §12
type EntreeService struct {
	_                  struct{}        `doc:"Un service d'une AMC, pour une convention et un critère de routage."`
	NumeroAMC          sante.NumeroAMC `fil:"numeroAMC" doc:"Numéro d'AMC"`
	Libelle            string          `fil:"libelle,max=60" doc:"Nom de l'AMC"`
	TypeConvention     Convention      `fil:"typeConvention,opt" doc:"Type de convention ; toutes si rien n'est dit"`
	CSRMotif           MotifCSR        `fil:"csrMotif,opt" doc:"Critère secondaire de routage, ? valant un caractère ; tous si rien n'est dit"`
	Service            Service         `fil:"service" doc:"Service"`
	Statut             Statut          `fil:"statut" doc:"OUVERT, ou NON_OUVERT quand l'AMC fait savoir qu'elle n'ouvre pas ce service"`
	NiveauService      NiveauService   `fil:"niveauService,opt" doc:"Niveau de service"`
	Adresse            string          `fil:"adresse,opt,max=250" doc:"Adresse https de base ; http est admis pour une LAR, qui est signée"`
	Version            string          `fil:"version,opt,max=40" doc:"Profil parlé"`
	Debut              sante.Jour      `fil:"debut" doc:"Premier jour où l'entrée vaut"`
	Fin                sante.Jour      `fil:"fin,opt" doc:"Dernier jour où l'entrée vaut"`
	NbJoursTolerance   int             `fil:"nbJoursTolerance,opt,min=0,max=365" doc:"X : jours de tolérance du mode dégradé après la fin des droits"`
	Operateur          Emetteur        `fil:"operateur,opt,max=20" doc:"Opérateur qui répond pour l'AMC et signe en son nom, tant que l'entrée vaut"`
	DepannageMandat    *Mandat         `fil:"depannageMandat,opt" doc:"Opérateur qui peut accréditer en dépannage"`
	ModeDroits         ModeDroits      `fil:"modeDroits,opt" doc:"Droits hébergés par l'opérateur, ou demandés à l'AMC"`
	DelaiPaiementJours int             `fil:"delaiPaiementJours,opt,min=0,max=365" doc:"Délai de paiement promis, en jours ; 0 : non dit"`
	KidCourant         Kid             `fil:"kidCourant,opt" doc:"Clé courante de l'émetteur"`
	KidSuivant         Kid             `fil:"kidSuivant,opt" doc:"Clé qui la suivra"`
	Horaires           []Horaire       `fil:"horaires,opt,n=0..14" doc:"Heures d'ouverture, à Paris ; toujours ouvert si rien n'est dit"`
	// Structures are those whose seal is believed on an answer: even a refusal is worth the
	// seal it bears. Empreintes pin the server, the certificate of today and the next one.
	// ref: VISIO §9.3, DEC 14 // hyp: VISIO-STRUCTURES
	Structures []Structure        `fil:"structures,opt,n=0..8" doc:"Structures dont le sceau répond à ce service"`
	Empreintes []EmpreinteServeur `fil:"empreintes,opt,n=0..4" doc:"SHA-256 des certificats que le serveur peut présenter, en hexadécimal ; tout certificat admis si rien n'est dit"`
}

var planService = trame.Pour[EntreeService](Espace)

// Cle names the entry: what it routes, and from when.
func (e EntreeService) Cle() string {
	return strings.Join([]string{e.NumeroAMC.String(), string(e.TypeConvention), string(e.CSRMotif), string(e.Service), e.Debut.String()}, "|")
}

func (EntreeService) genre() Genre                     { return GenreServices }
func (EntreeService) plan() *trame.Plan[EntreeService] { return planService }
func (e EntreeService) titre() string                  { return sansZeros(e.NumeroAMC.String()) }
func (e EntreeService) sujet() string                  { return e.titre() }
func (e *EntreeService) parle(j sante.Jour) bool       { return j >= e.Debut && (e.Fin == 0 || j <= e.Fin) }
func (m *Mandat) vaut(j sante.Jour) bool               { return j >= m.Debut && (m.Fin == 0 || j <= m.Fin) }
func (EntreeService) ensemble(l []EntreeService) error { return sansChevauchement(l) }

// ErrEntree is wrapped by what Valider says of an entry.
var ErrEntree = errors.New("entrée incohérente")

func entreeRefusee(format string, a ...any) error {
	return fmt.Errorf("%w : %s", ErrEntree, fmt.Sprintf(format, a...))
}

// Valider checks an entry by itself.
func (e EntreeService) Valider() error {
	switch m := e.DepannageMandat; {
	case e.NumeroAMC.IsZero():
		return entreeRefusee("numéro d'AMC absent")
	case e.CSRMotif != "" && e.TypeConvention == "":
		return entreeRefusee("un CSR ne vaut que pour une convention")
	case e.Debut.IsZero() || e.Fin != 0 && e.Fin < e.Debut:
		return entreeRefusee("période incohérente")
	case m != nil && (m.Debut.IsZero() || m.Fin != 0 && m.Fin < m.Debut):
		return entreeRefusee("mandat sans période")
	case e.KidSuivant != "" && (e.KidCourant == "" || e.KidSuivant == e.KidCourant):
		return entreeRefusee("clé suivante sans clé courante, ou la même")
	}
	if double(e.Structures) || double(e.Empreintes) {
		return entreeRefusee("structure ou empreinte en double")
	}
	if e.Statut == NonOuvert {
		if len(e.Structures)+len(e.Empreintes) > 0 {
			return entreeRefusee("un service non ouvert ne répond sous aucun sceau")
		}
		if e.Adresse != "" || e.Version != "" || e.Operateur != "" || len(e.Horaires) > 0 {
			return entreeRefusee("un service non ouvert n'a ni adresse, ni version, ni opérateur, ni horaires")
		}
		return nil
	}
	if e.Version == "" {
		return entreeRefusee("version absente")
	}
	if e.ModeDroits == Heberge && e.Operateur == "" { // silent, it would be taken for the insurer: 201 and not 202
		return entreeRefusee("droits hébergés, sans l'opérateur qui les tient")
	}
	if err := validerAdresse(e.Adresse, e.Service == LAR); err != nil {
		return err
	}
	return validerHoraires(e.Horaires)
}

func double[T comparable](l []T) bool {
	for i, x := range l {
		if slices.Contains(l[:i], x) {
			return true
		}
	}
	return false
}

// Scelleurs are the structures whose seal is believed on an answer of a day.
func (e *EntreeService) Scelleurs(j sante.Jour) []Structure {
	l := slices.Clone(e.Structures)
	if d := e.ScelleurDepannage(j); d != "" && !slices.Contains(l, d) {
		l = append(l, d)
	}
	return l
}

// ScelleurDepannage is the structure that answers under the mandate of dépannage of a
// day, or "".
func (e *EntreeService) ScelleurDepannage(j sante.Jour) Structure {
	if m := e.DepannageMandat; m != nil && m.vaut(j) {
		return m.Structure
	}
	return ""
}

// validerAdresse accepts https, and http too for what is signed and public.
func validerAdresse(s string, clair bool) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && !(clair && u.Scheme == "http") || u.Host == "" || u.User != nil || u.Fragment != "" {
		return entreeRefusee("adresse https attendue")
	}
	return nil
}

// sansChevauchement refuses two entries that would route the same card on the same
// day: a reader would not choose. The list is in the order of its keys.
func sansChevauchement(l []EntreeService) error {
	for i := 1; i < len(l); i++ {
		a, b := &l[i-1], &l[i]
		if a.NumeroAMC == b.NumeroAMC && a.TypeConvention == b.TypeConvention && a.CSRMotif == b.CSRMotif && a.Service == b.Service &&
			(a.Fin == 0 || a.Fin >= b.Debut) {
			return entreeRefusee("%s et %s se chevauchent", a.Cle(), b.Cle())
		}
	}
	return nil
}

// sansZeros is a number of insurer without its leading zeros but of 8 digits
// at least: a card and a list may not pad it alike. // hyp: VISIO-AMC-ZEROS
func sansZeros(s string) string {
	for len(s) > 8 && s[0] == '0' {
		s = s[1:]
	}
	return s
}
