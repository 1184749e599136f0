package cercle

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// ErrFait: the fact is not well formed.
var ErrFait = errors.New("cercle: demande refusée")

// Role is what a structure does in the exchange; the zero value is "not said".
type Role string

// The roles.
const (
	RoleEtablissement Role = "ETABLISSEMENT"
	RoleAMC           Role = "AMC"
	RoleOperateur     Role = "OPERATEUR"
	RoleRelais        Role = "RELAIS"
	RoleAnnuaire      Role = "ANNUAIRE"
	// RoleProfessionnel acts under a billing number: by the card of a person, named by
	// his IdNat_PS, or by a structure. Several may, of one pharmacy. ref: DEC 14, 31
	RoleProfessionnel Role = "PROFESSIONNEL"
	// RoleTiers is the trusted third party, whom the pricing service hears.
	RoleTiers Role = "TIERS"
)

// Etat is the state of a link at an instant; the zero value is "not said".
type Etat string

// The states.
const (
	EtatAdmis    Etat = "admis"
	EtatSuspendu Etat = "suspendu"
	EtatRetire   Etat = "retire"
)

// Lien says that a structure acts under an identifier in a role. A structure may
// have several: a legal entity and its sites.
type Lien struct {
	Tenant      string `json:"tenant"`
	Structure   string `json:"structure"` // Struct_IdNat, as in the OU of certificates; IdNat_PS of a card
	Role        Role   `json:"role"`
	Identifiant string `json:"identifiant"` // FINESS, AMC number, name of a relay, operator or directory
}

// Portage says that a relay may carry for a structure; Pour "*" is everyone.
type Portage struct {
	Tenant string `json:"tenant"`
	Relais string `json:"relais"` // structure of the relay or operator
	Pour   string `json:"pour"`   // structure of the sealer, or "*"
}

// Tous is the Pour of a relay that carries for everyone.
const Tous = "*"

// Fait is one line of the dated table; one of Lien and Portage is said.
type Fait struct {
	Numero  int64
	Lien    Lien
	Portage Portage
	Etat    Etat
	Effet   time.Time // from when on
	Par     string    // who decided
	Le      time.Time // when it was written
}

func (f Fait) portage() bool { return f.Portage.Relais != "" }

// verifier refuses a fact whose words are not those of its role.
func (f Fait) verifier() error {
	if f.Par == "" || len(f.Par) > 128 {
		return fmt.Errorf("%w: qui décide n'est pas dit", ErrFait)
	}
	if f.Effet.IsZero() {
		return fmt.Errorf("%w: date d'effet absente", ErrFait)
	}
	if f.portage() {
		p := f.Portage
		if !nom(p.Tenant) || !nom(p.Relais) || p.Pour != Tous && !nom(p.Pour) || p.Relais == p.Pour {
			return fmt.Errorf("%w: portage irrégulier", ErrFait)
		}
		return nil
	}
	return f.Lien.verifier()
}

func (l Lien) verifier() error {
	if !nom(l.Tenant) || !nom(l.Structure) {
		return fmt.Errorf("%w: locataire ou structure irréguliers", ErrFait)
	}
	var canonique string
	switch l.Role {
	case RoleEtablissement:
		f, err := sante.ParseFINESS(l.Identifiant)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFait, err)
		}
		canonique = f.String()
	case RoleAMC:
		n, err := sante.ParseNumeroAMC(l.Identifiant)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFait, err)
		}
		canonique = n.String()
	case RoleProfessionnel:
		n, err := sante.ParseNumeroFacturation(l.Identifiant)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFait, err)
		}
		canonique = n.String()
	case RoleOperateur, RoleRelais, RoleAnnuaire, RoleTiers:
		if !nom(l.Identifiant) {
			return fmt.Errorf("%w: identifiant irrégulier", ErrFait)
		}
		return nil
	default:
		return fmt.Errorf("%w: rôle %q inconnu", ErrFait, l.Role)
	}
	if canonique != l.Identifiant {
		return fmt.Errorf("%w: écrire l'identifiant %s", ErrFait, canonique)
	}
	return nil
}

// nom says whether a word may name a tenant, a structure or a relay.
func nom(s string) bool {
	return s != "" && len(s) <= maxNom && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	})
}
