package roc

import (
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/trame"
)

// Norme is a wire profile over the envelope, the refusals and the chain of relays
// that all profiles share: its name, its XML namespace and where its doors are.
// ref: DEC 6
type Norme struct {
	Profil   string    // what normeVersion says
	Espace   string    // namespace of its messages, one for each major version
	Racine   string    // path under which its doors are
	Services []Service // in the order of its reference
	// Domaines are those in which a directory is asked where its services are.
	Domaines []Domaine
	// Ouverts are the services whose questions may come without a seal, on a
	// connection that shows no certificate. Their answers are sealed as any other.
	// ref: VISIO §9.1, DEC 31
	Ouverts []Service
	// Cartes are the services whose questions a professional seals with his card, and
	// that no relay sees in clear: the final recipient judges the card itself.
	// ref: DEC 12, 31
	Cartes []Service
	// Refus says what a technical or security refusal of a service means in this profile,
	// whose parties are others than a hospital; the meanings of the reference when nil.
	Refus func(Service, Code) Signification

	routage *trame.Plan[Message[trame.Opaque]]
}

// ROC is the profile of the hospitals.
var ROC = NouvelleNorme(Norme{Profil: Profil, Espace: Espace, Racine: "/v1/roc",
	Services: []Service{ANN, IDB, SIM, CLC, DEL, ENG, ETAT, DRE, RET}, Domaines: []Domaine{HospitalACE, HospitalSejour}})

// NouvelleNorme prepares a profile.
func NouvelleNorme(n Norme) *Norme {
	n.routage = trame.Pour[Message[trame.Opaque]](n.Espace)
	return &n
}

// Chemin is the path of a service on the REST face.
func (n *Norme) Chemin(s Service) string { return n.Racine + "/" + strings.ToLower(string(s)) }

// CheminSOAP is the path of the SOAP face; "?wsdl" publishes its description.
func (n *Norme) CheminSOAP() string { return n.Racine + "/soap" }

// Ouvert tells whether the questions of a service may come without a seal.
func (n *Norme) Ouvert(s Service) bool { return slices.Contains(n.Ouverts, s) }

// Carte tells whether the questions of a service are sealed by a professional's card.
func (n *Norme) Carte(s Service) bool { return slices.Contains(n.Cartes, s) }

// RetourDe is the beginning of a refusal of a question of a service.
func (n *Norme) RetourDe(s Service, c Code, precision string) Retour {
	if n.Refus == nil {
		return RetourDe(c, precision)
	}
	x := n.Refus(s, c)
	return Retour{CodeRetour: c, Libelle: x.Libelle, Precision: precision, QuiAgit: x.Qui, Reessai: x.Reessai}
}

// Routage reads the envelope of any message of the profile and leaves its body alone.
func (n *Norme) Routage() *trame.Plan[Message[trame.Opaque]] { return n.routage }

// Est tells whether normeVersion is of this profile, whatever its minor version.
func (n *Norme) Est(version string) bool {
	p, _, _ := strings.Cut(version, ".")
	return p == n.Profil
}
