package tiers

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Chiffrage is a delivery that was priced, and of which nothing is written yet.
type Chiffrage struct {
	reponse  *vd.ReponseTarification // when it ends there
	numero   vd.NumeroDossier
	sens     vd.Sens
	jour     sante.Jour // of the delivery
	connu    bool       // false: all this was done for a file that does not exist
	fiche    *fiche
	partage  vd.Partage
	parts    []vd.LigneTarifee
	familles []vd.MontantFamille
}

// Engage tells whether Conclure writes something: a commitment. The answer to anything
// else is ready.
func (x *Chiffrage) Engage() bool { return x.reponse == nil && x.sens == vd.Engagement }

// Tarifer prices a delivery: Chiffrer, then Conclure.
func (s *Service) Tarifer(ctx context.Context, c Carte, d *vd.DemandeTarification) (*vd.ReponseTarification, error) {
	x, err := s.Chiffrer(ctx, c, d)
	if err != nil {
		return nil, err
	}
	return s.Conclure(ctx, x)
}

// Chiffrer opens the lines and has them priced; it writes nothing, and must be called
// outside of a transaction, for the pricing service may be far. A file that is unknown,
// over, or of another professional costs what a good one costs. ref: VISIO §11
func (s *Service) Chiffrer(ctx context.Context, c Carte, d *vd.DemandeTarification) (*Chiffrage, error) {
	if err := s.verifier(c); err != nil {
		return nil, err
	}
	x, non, err := s.lire(d)
	if err != nil || non != nil {
		return &Chiffrage{reponse: non}, err
	}
	f, connu, err := s.dossier(ctx, c, d)
	if err != nil {
		return nil, err
	}
	reference, err := vd.TirerReference(s.Alea)
	if err != nil {
		return nil, err
	}
	r, err := s.Tarificateur.Tarifer(ctx, &vd.DemandeGrille{Reference: reference, Grille: f.Grille, Jour: d.DateDelivrance,
		Categorie: c.Categorie, Pseudonyme: f.Pseudonyme, Lignes: x.Lignes})
	var illisible *roc.Refus
	switch {
	case !connu:
		// Whatever was answered of the decoy.
	case errors.As(err, &illisible) && illisible.Code == roc.Illisible:
		return nil, roc.Refuser(roc.Illisible, "le service de tarification ne peut pas chiffrer ces lignes")
	case err != nil:
		return &Chiffrage{reponse: refus(vd.Indisponible, "")}, nil
	case !r.Accord():
		return &Chiffrage{reponse: &vd.ReponseTarification{Retour: vd.RetourDe(r.CodeRetour, "")}}, nil
	case r.Reference != reference || r.Controler() != nil:
		return nil, errors.New("tiers: le service de tarification a répondu à une autre demande")
	}
	q := &Chiffrage{numero: d.NumeroDossier, sens: d.Sens, jour: d.DateDelivrance, connu: connu, fiche: f}
	if !connu {
		q.parts = nulles(x.Lignes)
	} else {
		q.parts = r.Lignes
	}
	if q.partage, err = vd.Partager(x.Lignes, q.parts); err != nil {
		return nil, fmt.Errorf("tiers: réponse du service de tarification: %w", err)
	}
	q.familles = vd.ParFamille(x.Lignes, q.parts)
	return q, nil
}

// lire opens a request, or tells why it cannot be: by an answer, or by a *roc.Refus when
// what was encrypted is not of the schema.
func (s *Service) lire(d *vd.DemandeTarification) (x *vd.Delivrance, non *vd.ReponseTarification, err error) {
	if err = d.Controler(); err == nil {
		x, err = s.Trousseau().Ouvrir(d)
	}
	var interdit *vd.Interdit
	var incoherence *vd.Incoherence
	jour, p := s.jour(), s.Parametres.completer()
	switch {
	case errors.As(err, &interdit):
		return nil, refus(vd.IdentiteEnTrop, interdit.Detail), nil
	case errors.As(err, &incoherence):
		return nil, nil, roc.Refuser(roc.Illisible, incoherence.Detail)
	case err != nil:
		return nil, refus(vd.Indechiffrable, ""), nil
	case d.DateDelivrance < jour.Mois(-24): // ref: T620
		return nil, refus(vd.IdentiteEnTrop, "le jour de la délivrance a la forme d'une date de naissance"), nil
	case d.DateDelivrance > jour+1 || d.DateDelivrance < jour-sante.Jour(p.Retard):
		return nil, nil, roc.Refuser(roc.Illisible, "le jour de la délivrance n'est pas d'aujourd'hui ou des jours qui précèdent")
	}
	return x, nil, nil
}

// dossier is the file of a request, or one that stands for it: the decoy grid and a
// fresh pseudonym, closed and opened as a file is. ref: VISIO §11
func (s *Service) dossier(ctx context.Context, c Carte, d *vd.DemandeTarification) (*fiche, bool, error) {
	leurre, ferme, err := s.leurre(d.NumeroDossier)
	if err != nil {
		return nil, false, err
	}
	garde, err := s.Depot.Dossier(ctx, sceller(s.Cles.dossier, d.NumeroDossier.String()), s.jour())
	if errors.Is(err, ErrAbsent) {
		garde, err = ferme, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("tiers: lire un dossier: %w", err)
	}
	f, err := s.rouvrir(d.NumeroDossier, garde)
	if err != nil {
		return nil, false, fmt.Errorf("tiers: ouvrir un dossier gardé: %w", err)
	}
	if !hmac.Equal(f.Officine, s.officine(d.NumeroDossier, c)) || d.DateDelivrance < f.Debut || d.DateDelivrance > f.Fin {
		return leurre, false, nil
	}
	return f, true, nil
}

// leurre is a file of nobody.
func (s *Service) leurre(n vd.NumeroDossier) (*fiche, *Dossier, error) {
	pseudonyme, err := vd.TirerPseudonyme(s.Alea)
	if err != nil {
		return nil, nil, err
	}
	lien, err := vd.TirerLien(s.Alea)
	if err != nil {
		return nil, nil, err
	}
	f := &fiche{Grille: s.Leurre, Lien: lien, Pseudonyme: pseudonyme, Expire: s.jour(), Officine: make([]byte, len(Cle{}))}
	d, err := s.fermer(n, f)
	return f, d, err
}

// Conclure writes the promise of a commitment and answers. It may be run again, in a
// transaction or not: the same delivery, priced the same, is the same promise under the
// same number. ref: VISIO §11 // hyp: TIERS-ENGAGEMENT-UNIQUE
func (s *Service) Conclure(ctx context.Context, x *Chiffrage) (*vd.ReponseTarification, error) {
	if x.reponse != nil {
		return x.reponse, nil
	}
	r := &vd.ReponseTarification{Retour: vd.RetourDe(vd.Accepte, ""), Lignes: x.parts, TotalAMC: &x.partage.AMC, TotalPatient: &x.partage.Patient}
	fuseau := s.Parametres.completer().Fuseau
	r.Validite = finDe(s.jour(), fuseau)
	if x.sens == vd.Engagement {
		n := s.numeroter(x)
		ecrit, err := s.Depot.Promettre(ctx, &Promesse{Cle: sceller(s.Cles.promesse, x.nature(), x.numero.String(), x.jour.String()),
			Numero: sceller(s.Cles.numero, n.String()), Empreinte: s.empreinte(n, x.fiche.Lien, x.familles), Jour: x.jour})
		if err != nil {
			return nil, fmt.Errorf("tiers: promettre: %w", err)
		}
		// One already invoiced stands: another delivery of that day needs another file.
		x.connu = x.connu && ecrit
		r.NumeroTarification, r.Validite = n, finDe(x.fiche.Expire, fuseau)
	}
	if !x.connu {
		return refus(vd.DossierInconnu, ""), nil
	}
	return r, nil
}

// nature keeps what is written for a decoy apart from the promises of a file that has
// the same number: another professional who learnt it changes nothing of them.
func (x *Chiffrage) nature() string {
	if x.connu {
		return "dossier"
	}
	return "leurre"
}

// numeroter makes the number of a commitment. Without the key it cannot be told from a
// random one; with it, the same file, day and amounts give the same, so that a question
// asked again after a crash, or by two nodes at once, finds its own promise.
// hyp: TIERS-NUMERO
func (s *Service) numeroter(x *Chiffrage) vd.NumeroTarification {
	textes := []string{x.numero.String(), x.jour.String(), "", x.nature()}
	for _, l := range x.parts {
		textes = append(textes, strconv.Itoa(l.Rang), l.MontantAMC.String())
	}
	textes = append(textes, montants(x.familles)...)
	for essai := 0; ; essai++ {
		textes[2] = strconv.Itoa(essai)
		k := sceller(s.Cles.tirage, textes...)
		if n, ok := vd.NumeroTarificationDe([16]byte(k[:16])); ok {
			return n
		}
	}
}

// empreinte is all that remains of the amounts.
func (s *Service) empreinte(n vd.NumeroTarification, lien vd.Lien, l []vd.MontantFamille) Cle {
	return sceller(s.Cles.empreinte, append([]string{n.String(), lien.String()}, montants(l)...)...)
}

func montants(l []vd.MontantFamille) (t []string) {
	for _, m := range l {
		t = append(t, string(m.Famille), m.Depense.String(), m.AMO.String(), m.AMC.String())
	}
	return t
}

// nulles are the shares of a delivery that nobody pays.
func nulles(l []vd.Ligne) []vd.LigneTarifee {
	r := make([]vd.LigneTarifee, len(l))
	for i := range l {
		r[i].Rang = l[i].Rang
	}
	return r
}

func refus(c vd.Code, precision string) *vd.ReponseTarification {
	return &vd.ReponseTarification{Retour: vd.RetourDe(c, precision)}
}

// finDe is the last second of a day.
func finDe(j sante.Jour, fuseau *time.Location) time.Time {
	return (j + 1).Debut(fuseau).Add(-time.Second).UTC()
}
