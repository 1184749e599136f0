package annuaire

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// EtatDemande is where a request stands.
type EtatDemande string

// The states of a request.
const (
	Deposee   EtatDemande = "DEPOSEE"   // waits for who keeps the fields
	Appliquee EtatDemande = "APPLIQUEE" // in the directory
	Refusee   EtatDemande = "REFUSEE"
	Retiree   EtatDemande = "RETIREE" // by who asked
	Perimee   EtatDemande = "PERIMEE" // the record changed meanwhile
)

// Modification is one field of a request: what it held, what it would hold.
type Modification struct {
	Rubrique string
	Cle      string // of the element, for the fields of lists
	Ancien   string
	Nouveau  string
}

// Demande is a request to change a record. Its fields are of one group, so that one
// owner decides of the whole. ref: RASS §9
type Demande struct {
	Numero        string
	Nature        Nature
	ID            string // of the record
	Groupe        Groupe
	Modifications []Modification
	// Fiche is the whole record, for a creation; Modifications is then empty.
	Fiche *Changement
	Par   string // who asks
	// Famille of who asks; Proprietaire tells whether he keeps these fields.
	Famille      string
	Proprietaire bool
	Preuve       string // what he shows: the number of a document
	Deposee      time.Time
	Echeance     time.Time // day by which the owner decides, zero when it is done
	Etat         EtatDemande
	// Decideur decided, for this reason.
	Decideur string
	Motif    string
	Decidee  time.Time
	Version  uint32 // of the record, once applied
}

// Reste is how long the owner still has to decide, negative when he is late, 0 when
// nothing waits. ref: RASS §9
func (d *Demande) Reste(maintenant time.Time) time.Duration {
	if d.Etat != Deposee || d.Echeance.IsZero() {
		return 0
	}
	return d.Echeance.Sub(maintenant)
}

// Errors of requests.
var (
	ErrDemande      = errors.New("annuaire: demande vide, trop longue, ou de champs de plusieurs propriétaires : en faire une par groupe de champs")
	ErrAncienne     = errors.New("annuaire: la fiche a changé depuis : la relire et redemander")
	ErrPreuve       = errors.New("annuaire: une proposition à un propriétaire doit dire sur quoi elle s'appuie : ajouter une preuve")
	ErrPasAVous     = errors.New("annuaire: seul le propriétaire de ces champs en décide : lui proposer le changement")
	ErrDejaDecidee  = errors.New("annuaire: cette demande est déjà décidée")
	ErrMotifRefus   = errors.New("annuaire: un refus doit dire pourquoi")
	ErrSansEffet    = errors.New("annuaire: la fiche est déjà ainsi")
	ErrDejaLa       = errors.New("annuaire: une fiche de cet identifiant existe déjà")
	ErrSansDemande  = errors.New("annuaire: aucune demande de ce numéro")
	ErrFicheRefusee = errors.New("annuaire: les contrôles de qualité refusent cette fiche")
)

// modificationsMax bounds a request.
const modificationsMax = 64

// preuveMax bounds what is shown, and the reasons.
const preuveMax = 1000

// Droits are the rules of requests: pure, the day and the record are given.
type Droits struct {
	Proprietes Proprietes
	Listes     *Listes
}

// Droits gives the rules with these data.
func (d *Donnees) Droits() Droits { return Droits{d.Proprietes, d.Listes} }

// Deposer judges a request of an actor who sees v of the record as it stands, nil for
// a creation, and says who decides. It fills the group, the old values that are
// empty, the state and the delay; a request of the owner may be applied at once.
func (r Droits) Deposer(d *Demande, a *Acteur, v *Vision, courante *Changement, maintenant time.Time) error {
	d.Par, d.Famille, d.Deposee, d.Etat = a.ID, a.Famille, maintenant, Deposee
	if err := texteLisible("preuve", d.Preuve, preuveMax); err != nil {
		return err
	}
	if d.Fiche != nil {
		return r.deposerCreation(d, a, courante)
	}
	if courante == nil {
		return ErrInconnu
	}
	if len(d.Modifications) == 0 || len(d.Modifications) > modificationsMax {
		return ErrDemande
	}
	d.Groupe, d.Proprietaire = 0, true
	voit := v.De(courante)
	for i := range d.Modifications {
		m := &d.Modifications[i]
		x, err := d.Nature.Rubrique(m.Rubrique)
		if err != nil {
			return err
		}
		if d.Groupe != 0 && x.Groupe != d.Groupe || x.Cle != (m.Cle != "") || len(m.Cle) > clesMax {
			return ErrDemande
		}
		d.Groupe = x.Groupe
		d.Proprietaire = d.Proprietaire && r.Proprietes.Tient(a, x.Groupe, courante, m.Cle)
		if vus := v.boite(d.Nature, voit, m.Cle); !d.Proprietaire && !vus.Voit(x.Chemin) {
			return fmt.Errorf("%w (%s)", ErrInterdit, m.Rubrique)
		}
	}
	if !d.Proprietaire { // a mailbox that he does not see is not there for him
		courante = v.sansListeRouge(courante)
	}
	if err := r.essayer(d, courante, maintenant); err != nil {
		return err
	}
	return r.echeance(d)
}

// sansListeRouge is a record without the mailboxes of the red list that the actor does not
// see: what he is answered must not tell that they exist.
func (v *Vision) sansListeRouge(c *Changement) *Changement {
	q := c.Cloner()
	n, _ := c.Entete()
	b := v.De(c)
	oter := func(l []BAL) []BAL {
		return slices.DeleteFunc(l, func(x BAL) bool { return x.ListeRouge && !v.boite(n, b, x.Adresse).Voit(CheminListeRouge) })
	}
	switch {
	case q.Praticien != nil:
		q.Praticien.BAL = oter(q.Praticien.BAL)
	case q.Situation != nil:
		q.Situation.BAL = oter(q.Situation.BAL)
	case q.Structure != nil:
		q.Structure.BAL = oter(q.Structure.BAL)
	}
	return &q
}

// echeance says by when the owner decides of what another proposes.
func (r Droits) echeance(d *Demande) error {
	if d.Proprietaire {
		return nil
	}
	if d.Preuve == "" {
		return ErrPreuve
	}
	familles, delai := r.Proprietes.De(d.Nature, d.Groupe)
	if len(familles) == 0 {
		return ErrPasAVous
	}
	d.Echeance = d.Deposee.Add(delai)
	return nil
}

// deposerCreation judges a new record: only who keeps it makes it, and of the groups
// that he keeps.
func (r Droits) deposerCreation(d *Demande, a *Acteur, courante *Changement) error {
	n, e := d.Fiche.Entete()
	if courante != nil {
		return ErrDejaLa
	}
	if n == 0 || n != d.Nature || e.ID == "" || e.ID != d.ID || len(d.Modifications) > 0 {
		return ErrDemande
	}
	d.Groupe, d.Proprietaire = groupePrincipal[n], true
	if !r.Proprietes.Tient(a, d.Groupe, d.Fiche, "") {
		return ErrPasAVous
	}
	permise := squelette(d.Fiche)
	for _, g := range Groupes {
		if g == d.Groupe || g != Messagerie && r.Proprietes.Tient(a, g, d.Fiche, "") {
			CopierGroupe(&permise, d.Fiche, g)
		}
	}
	if !reflect.DeepEqual(permise.Cloner(), squeletteDe(d.Fiche)) {
		return fmt.Errorf("%w : la fiche à créer remplit des champs que tient un autre", ErrPasAVous)
	}
	return nil
}

// essayer writes the values on a copy, and compares the old ones.
func (r Droits) essayer(d *Demande, courante *Changement, maintenant time.Time) error {
	essai := courante.Cloner()
	e := &ecriture{r.Listes, sante.JourA(maintenant, sante.Paris())}
	change := false
	for i := range d.Modifications {
		m := &d.Modifications[i]
		x, err := d.Nature.Rubrique(m.Rubrique)
		if err != nil {
			return err
		}
		avant := x.lire(&essai, m.Cle)
		if m.Ancien != "" && m.Ancien != avant {
			return ErrAncienne
		}
		m.Ancien = avant
		if err := x.ecrire(&essai, m.Cle, m.Nouveau, e); err != nil {
			return err
		}
		change = change || x.lire(&essai, m.Cle) != avant
	}
	if !change {
		return ErrSansEffet
	}
	return nil
}

// Decide tells whether an actor decides of a request on a record.
func (r Droits) Decide(a *Acteur, d *Demande, courante *Changement) bool {
	if len(d.Modifications) == 0 {
		return r.Proprietes.Tient(a, d.Groupe, courante, "")
	}
	for i := range d.Modifications {
		if !r.Proprietes.Tient(a, d.Groupe, courante, d.Modifications[i].Cle) {
			return false
		}
	}
	return true
}

// Refuser closes a request that waits; who asked may take it back.
func (r Droits) Refuser(d *Demande, a *Acteur, courante *Changement, motif string, maintenant time.Time) error {
	sienne := d.Par == a.ID && d.Famille == a.Famille
	switch {
	case d.Etat != Deposee:
		return ErrDejaDecidee
	case !sienne && !r.Decide(a, d, courante):
		return ErrPasAVous
	case !sienne && strings.TrimSpace(motif) == "":
		return ErrMotifRefus
	}
	if err := texteLisible("motif", motif, preuveMax); err != nil {
		return err
	}
	d.Etat, d.Decideur, d.Motif, d.Decidee, d.Echeance = Refusee, a.ID, motif, maintenant, time.Time{}
	if sienne {
		d.Etat = Retiree
	}
	return nil
}

// Appliquer makes the record that a request asks for, a version later. The actor is who
// decides: the owner who asked, or the one who accepts.
func (r Droits) Appliquer(d *Demande, a *Acteur, courante *Changement, maintenant time.Time) (*Changement, error) {
	var apres Changement
	switch {
	case d.Etat != Deposee:
		return nil, ErrDejaDecidee
	case d.Fiche != nil && courante != nil:
		return nil, ErrDejaLa
	case d.Fiche == nil && courante == nil:
		return nil, ErrInconnu
	case d.Fiche != nil:
		apres = squeletteDe(d.Fiche)
	default:
		apres = courante.Cloner()
	}
	if !r.Decide(a, d, &apres) {
		return nil, ErrPasAVous
	}
	e := &ecriture{r.Listes, sante.JourA(maintenant, sante.Paris())}
	for _, m := range d.Modifications {
		x, err := d.Nature.Rubrique(m.Rubrique)
		if err != nil {
			return nil, err
		}
		if x.lire(&apres, m.Cle) != m.Ancien {
			d.Etat, d.Decidee, d.Echeance = Perimee, maintenant, time.Time{}
			return nil, ErrAncienne
		}
		if err := x.ecrire(&apres, m.Cle, m.Nouveau, e); err != nil {
			return nil, err
		}
	}
	_, x := apres.Entete()
	x.Version++
	x.Maj = max(maintenant.UnixMilli(), x.Maj+1) // a clock that went back does not hide a change
	x.provenir(Provenance{Groupe: d.Groupe, Systeme: d.Famille, Demande: d.Numero, Le: e.jour})
	d.Etat, d.Decideur, d.Decidee, d.Echeance, d.Version = Appliquee, a.ID, maintenant, time.Time{}, x.Version
	return &apres, nil
}

// provenir keeps from where a group comes, once.
func (e *Entete) provenir(p Provenance) {
	e.Provenances = slices.DeleteFunc(e.Provenances, func(x Provenance) bool { return x.Groupe == p.Groupe })
	e.Provenances = append(e.Provenances, p)
}

// De is what an actor sees of a record, whatever its nature.
func (v *Vision) De(c *Changement) Chemins {
	switch {
	case c.Praticien != nil:
		return v.Praticien(c.Praticien)
	case c.Situation != nil:
		return v.Situation(c.Situation)
	case c.Structure != nil:
		return v.Structure(c.Structure)
	case c.Activite != nil:
		return v.Activite(c.Activite)
	case c.Equipement != nil:
		return v.Equipement(c.Equipement)
	case c.Acces != nil:
		return v.Acces(c.Acces)
	}
	return 0
}
