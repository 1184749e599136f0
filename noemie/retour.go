package noemie

import (
	"io"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/sante"
)

// Retour reads a return file invoice by invoice, in constant memory. It checks
// each control entity (990) and the end (999) against what it read.
type Retour struct {
	lecteur   *Lecteur
	entete    Entete
	contexte  Contexte
	pile      []ouvert // levels open above the invoice; the file itself is the first
	facture   Facture
	ouverte   bool    // an invoice is being read, at its level
	niveau    int     // that level
	refus     *Erreur // why it is refused
	attente   bool    // the entity of the reader is still to be judged
	saute     bool    // the details that come are of an invoice whose beginning was lost
	douteux   Type    // a header down to this one could not be read, and the next invoices depend on it; 0: none
	illisible bool    // the entity before could not even be named
	bilan     Bilan
	lecture   zone.Lecture    // of the entity under judgement
	texte     strings.Builder // what the strings given share; never written over
	controle  controle        // of the entity under judgement
}

// texteParBloc is the memory that the strings of some invoices share: one allocation
// for a hundred entities. A string that is kept keeps its block.
const texteParBloc = 64 << 10

// lire readies the reading of an entity. Its strings live as long as they are kept.
func (t *Retour) lire(e *Entite) *zone.Lecture {
	if t.texte.Cap()-t.texte.Len() < len(e.Donnees) {
		t.texte = strings.Builder{}
		t.texte.Grow(max(texteParBloc, len(e.Donnees)))
	}
	debut := t.texte.Len()
	t.texte.Write(e.Donnees)
	t.lecture = zone.Lecture{S: t.texte.String()[debut:]}
	return &t.lecture
}

// Bilan is what was read so far. It is complete once Suivante returned io.EOF.
type Bilan struct {
	Factures, Refusees int // read whole; refused
	Lots               int
	Entites            int
	Ignorees           int // entities of a number that is not read here
	Erreurs            int
	Montant            sante.Montant // of the invoices read whole
	Complet            bool          // the end was reached and every total agrees
}

// ouvert is a level that a control entity will close.
type ouvert struct {
	niveau    int
	t         Type
	compte    int
	cumul     sante.Montant
	incertain bool // something of it could not be read: its total says nothing
}

// cumulMax keeps sums of hostile totals far from the end of an int64.
const cumulMax = sante.Montant(1) << 60

func (o *ouvert) ajouter(m sante.Montant, sur bool) {
	o.compte++
	if o.cumul += m; !sur || o.cumul > cumulMax || o.cumul < -cumulMax {
		o.cumul, o.incertain = 0, true
	}
}

// Lire reads the header of a file. The error is always an *[Erreur].
func Lire(r io.Reader, lim Limites) (*Retour, error) {
	t := &Retour{lecteur: NouveauLecteur(r, lim), pile: make([]ouvert, 1, 8)}
	e, err := t.lecteur.Suivante()
	if err != nil {
		return nil, err
	}
	p := t.lire(e)
	t.entete.passer(p)
	if err := e.valeur(p); err != nil {
		return nil, err
	}
	t.bilan.Entites = 1
	return t, nil
}

// Entete is the header of the file.
func (t *Retour) Entete() Entete { return t.entete }

// Bilan is the account of what was read so far.
func (t *Retour) Bilan() Bilan { return t.bilan }

// Suivante gives the next invoice, valid until the next call (see
// [Facture.Copie]), or io.EOF after the last one. Another error is always an
// *[Erreur]. When it is not fatal (Motif.Fatal), the next call goes on: with
// Refusee, one invoice is refused and none of it is given; without, a header or
// a total of the file is at fault, and the file should not be booked as a whole.
func (t *Retour) Suivante() (*Facture, error) {
	for {
		f, err := t.avancer()
		switch {
		case err == io.EOF:
			t.bilan.Complet = t.bilan.Erreurs == 0
			return nil, err
		case err != nil:
			t.bilan.Erreurs++
			if e := err.(*Erreur); e.Refusee {
				t.bilan.Refusees++
			}
			return nil, err
		case f != nil:
			t.bilan.Factures++
			t.bilan.Montant += f.Montant
			return f, nil
		}
	}
}

// valeur turns the refusal of a field into an error placed in the file.
func (e *Entite) valeur(p zone.Passage) error {
	if err := e.refusDe(p); err != nil {
		return err
	}
	return nil
}

func (e *Entite) refusDe(p zone.Passage) *Erreur {
	r := p.Refus()
	if r == nil {
		return nil
	}
	return &Erreur{Motif: deZone[r.Motif], Ligne: e.Ligne, Numero: e.Numero, Entite: e.Type, Champ: r.Zone.Nom}
}

// avancer judges one entity. It returns nothing when it only moved on.
func (t *Retour) avancer() (*Facture, error) {
	e := &t.lecteur.entite
	if !t.attente {
		_, err := t.lecteur.Suivante()
		if err == io.EOF {
			return nil, err
		}
		if err != nil {
			return nil, t.malLue(e, err.(*Erreur))
		}
		t.bilan.Entites++
	}
	t.attente = false
	t.deviner(e)
	switch {
	case e.Type == TypeControle:
		return t.controler(e)
	case e.Type == TypeFin:
		return nil, t.terminer(e)
	case e.Type.facture():
		return nil, t.ouvrirFacture(e)
	case e.Type.ouvre():
		return nil, t.ouvrirNiveau(e)
	case e.Type.detail():
		return nil, t.detailler(e)
	case e.Type == TypeEntete:
		return nil, t.horsPlace(e)
	}
	t.bilan.Ignorees++
	return nil, nil
}

// malLue handles an entity whose number, level or characters are wrong.
func (t *Retour) malLue(e *Entite, err *Erreur) error {
	if err.Motif.Fatal() {
		if t.ouverte {
			err.Facture, err.Refusee, t.ouverte = t.facture.Numero, true, false
		}
		return err
	}
	t.bilan.Entites++
	for i := range t.pile {
		t.pile[i].incertain = true
	}
	switch {
	case t.ouverte:
		t.refuser(err)
		return nil
	case err.Motif == MotifCaractere && err.Entite.facture(): // its details and its control are still to come
		t.commencer(e)
		t.refuser(err)
		return nil
	case err.Motif != MotifCaractere: // then the number itself is not to be trusted
		t.illisible = true
	case err.Entite.ouvre():
		t.douteux = err.Entite
	}
	return err
}

// deviner tells from what follows an entity without a name what it was: before
// details, the beginning of an invoice; before an invoice, or before a header
// that closes nothing, a header that the next invoices depend on.
func (t *Retour) deviner(e *Entite) {
	if !t.illisible {
		return
	}
	t.illisible = false
	switch {
	case e.Type.facture():
		t.douteux = TypeLot
	case e.Type.detail():
		t.saute = true
	case e.Type.ouvre() && e.Niveau > t.sommet().niveau:
		t.douteux = e.Type - 1
	}
}

// refuser keeps the first reason against the invoice being read.
func (t *Retour) refuser(err *Erreur) {
	if t.refus == nil {
		t.refus = err
	}
}

// commencer opens an invoice.
func (t *Retour) commencer(e *Entite) {
	t.facture.vider(&t.contexte)
	t.facture.Position = Position{e.Ligne, e.Numero}
	t.ouverte, t.saute, t.refus, t.niveau = true, false, nil, e.Niveau
}

// abandonner refuses the invoice being read, which no control entity closed,
// and leaves the entity to be judged again.
func (t *Retour) abandonner(e *Entite) error {
	t.attente = true
	t.refuser(&Erreur{Motif: MotifControleAbsent, Ligne: e.Ligne, Numero: e.Numero, Entite: e.Type, Niveau: t.niveau})
	t.sommet().ajouter(0, false)
	return t.rendreRefus()
}

func (t *Retour) rendreRefus() error {
	err := t.refus
	err.Refusee, err.Facture = true, t.facture.Numero
	t.ouverte, t.refus = false, nil
	return err
}

func (t *Retour) sommet() *ouvert { return &t.pile[len(t.pile)-1] }

// depiler closes a level, tells its parent, and forgets its header.
func (t *Retour) depiler(m sante.Montant, sur bool) {
	o := *t.sommet()
	t.pile = t.pile[:len(t.pile)-1]
	t.sommet().ajouter(m, sur)
	t.oublier(o.t)
}

// oublier empties the header of a level, and those below.
func (t *Retour) oublier(n Type) {
	c := &t.contexte
	if n <= TypeMandataire {
		c.Mandataire = ""
	}
	if n <= TypeDestinataire {
		c.Destinataire = ""
	}
	if n <= TypeVirement {
		c.Journee = Journee{}
	}
	c.Lot = Lot{}
}

// fermer closes without its control entity the last level down to n, if it is
// still open; the entity is then judged again.
func (t *Retour) fermer(e *Entite, n int) error {
	o := t.sommet()
	if len(t.pile) == 1 || o.niveau < n {
		return nil
	}
	t.attente = true
	err := &Erreur{Motif: MotifControleAbsent, Ligne: e.Ligne, Numero: e.Numero, Entite: e.Type, Niveau: o.niveau}
	t.depiler(0, false)
	return err
}

func (t *Retour) horsPlace(e *Entite) error {
	t.saute = true
	return &Erreur{Motif: MotifOrdre, Ligne: e.Ligne, Numero: e.Numero, Entite: e.Type}
}

// profondeurMax bounds the levels that a hostile file may open.
const profondeurMax = 8

// ouvrirNiveau reads a header above the invoices.
func (t *Retour) ouvrirNiveau(e *Entite) error {
	if t.ouverte {
		return t.abandonner(e)
	}
	if err := t.fermer(e, e.Niveau); err != nil {
		return err
	}
	if len(t.pile) >= profondeurMax {
		return t.horsPlace(e)
	}
	t.saute = false
	t.oublier(e.Type)
	t.pile = append(t.pile, ouvert{niveau: e.Niveau, t: e.Type})
	p := t.lire(e)
	switch c := &t.contexte; e.Type {
	case TypeMandataire:
		p.Texte(&mndNumero, &c.Mandataire)
	case TypeDestinataire:
		p.Texte(&dstNumero, &c.Destinataire)
	case TypeJournee, TypeVirement:
		c.Journee.passer(p, e.Type)
	case TypeLot:
		c.Lot.passer(p)
		t.bilan.Lots++
	}
	if err := e.refusDe(p); err != nil {
		t.douteux = e.Type
		return err
	}
	if e.Type <= t.douteux {
		t.douteux = 0
	}
	return nil
}

// ouvrirFacture begins an invoice.
func (t *Retour) ouvrirFacture(e *Entite) error {
	if t.ouverte {
		return t.abandonner(e)
	}
	if err := t.fermer(e, e.Niveau); err != nil {
		return err
	}
	t.commencer(e)
	p := t.lire(e)
	t.facture.passer(p, e.Type)
	if err := e.refusDe(p); err != nil {
		t.refuser(err)
	}
	if t.douteux != 0 {
		t.refuser(e.refus(MotifContexte))
	}
	return nil
}

// detailler reads an entity inside an invoice.
func (t *Retour) detailler(e *Entite) error {
	if !t.ouverte {
		if t.saute {
			return nil
		}
		return t.horsPlace(e)
	}
	if t.refus != nil {
		return nil // nothing more of it is of use but its end
	}
	f, lim, p := &t.facture, t.lecteur.lim.Lignes, t.lire(e)
	if len(f.Lignes) >= lim || len(f.Mouvements) >= lim || len(f.Rejets) >= lim {
		t.refuser(e.refus(MotifLignes))
		return nil
	}
	switch e.Type {
	case TypeActe, TypeActeExecute, TypeActePrescrit, TypeFrais:
		f.Lignes = append(f.Lignes, Ligne{Frais: e.Type == TypeFrais})
		f.Lignes[len(f.Lignes)-1].passer(p, e.Type)
	case TypeMouvement:
		f.Mouvements = append(f.Mouvements, Mouvement{})
		f.Mouvements[len(f.Mouvements)-1].passer(p)
	case TypeRejet, TypeRejetDetail:
		f.Rejets = append(f.Rejets, Rejet{})
		f.Rejets[len(f.Rejets)-1].passer(p, e.Type)
	case TypeOrganisme, TypePersonnes, TypeTitre, TypeAssure, TypeMalade, TypeNature, TypeArchivage:
		f.passer(p, e.Type)
	default:
		t.bilan.Ignorees++
	}
	if err := e.refusDe(p); err != nil {
		t.refuser(err)
	}
	return nil
}

// controler judges an entity 990.
func (t *Retour) controler(e *Entite) (*Facture, error) {
	c, p := &t.controle, t.lire(e)
	c.passer(p)
	err := e.refusDe(p)
	switch {
	case t.ouverte && e.Niveau < t.niveau:
		return nil, t.abandonner(e)
	case t.ouverte && e.Niveau > t.niveau, !t.ouverte && e.Niveau > t.sommet().niveau && e.Niveau >= niveauDetail:
		t.bilan.Ignorees++ // of a level inside the invoice
		return nil, nil
	case t.ouverte:
		return t.controlerFacture(e, c, err)
	case t.saute && e.Niveau > t.sommet().niveau: // end of an invoice whose beginning was lost
		t.saute = false
		t.sommet().ajouter(c.montant, err == nil)
		return nil, nil
	}
	if absent := t.fermer(e, e.Niveau+1); absent != nil {
		return nil, absent
	}
	o := *t.sommet()
	if len(t.pile) == 1 || o.niveau != e.Niveau {
		return nil, t.horsPlace(e)
	}
	t.depiler(c.montant, err == nil)
	if err == nil {
		err = o.comparer(e, c)
	}
	if err != nil {
		return nil, err
	}
	return nil, nil
}

// comparer says on what a level disagrees with its control entity. The count
// is of the elements of the level just below. hyp: NOEMIE-COMPTEUR
func (o *ouvert) comparer(e *Entite, c *controle) *Erreur {
	ecart := func(m Motif, z *zone.Zone) *Erreur {
		return &Erreur{Motif: m, Ligne: e.Ligne, Numero: e.Numero, Entite: e.Type, Champ: z.Nom, Niveau: o.niveau}
	}
	switch {
	case o.incertain:
		return nil
	case c.montant != o.cumul:
		return ecart(MotifMontant, &ctlMontant)
	case c.compte != o.compte:
		return ecart(MotifCompte, &ctlCompte)
	}
	return nil
}

// controlerFacture closes an invoice: given whole, or refused.
func (t *Retour) controlerFacture(e *Entite, c *controle, err *Erreur) (*Facture, error) {
	f := &t.facture
	t.sommet().ajouter(c.montant, err == nil)
	if err != nil {
		t.refuser(err)
	}
	f.Montant = c.montant
	o := ouvert{niveau: t.niveau, cumul: c.montant, compte: len(f.Lignes) + len(f.Mouvements)}
	if total, ok := f.Total(); ok {
		o.cumul = total
	}
	if t.refus == nil {
		if err := o.comparer(e, c); err != nil {
			t.refuser(err)
		}
	}
	if t.refus != nil {
		return nil, t.rendreRefus()
	}
	t.ouverte = false
	return f, nil
}

// terminer judges the end entity.
func (t *Retour) terminer(e *Entite) error {
	if t.ouverte {
		return t.abandonner(e)
	}
	if err := t.fermer(e, 0); err != nil {
		return err
	}
	var c cloture
	p := t.lire(e)
	c.passer(p)
	if err := e.valeur(p); err != nil {
		return err
	}
	ecart := func(m Motif, z *zone.Zone) error {
		return &Erreur{Motif: m, Ligne: e.Ligne, Numero: e.Numero, Entite: e.Type, Champ: z.Nom}
	}
	switch o := t.sommet(); {
	case o.incertain: // its total says nothing, but an error said why
	case c.montant != o.cumul:
		return ecart(MotifMontant, &finMontant)
	case c.lots != t.bilan.Lots:
		return ecart(MotifCompte, &finLots)
	case c.entites != t.bilan.Entites:
		return ecart(MotifCompte, &finEntites)
	}
	return nil
}

// Types lists the entities that the package reads, in order.
func Types() []Type {
	var l []Type
	for t := range libellesType {
		l = append(l, t)
	}
	slices.Sort(l)
	return l
}
