package laboratoire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Recit plays the stories of the laboratory and tells each step.
type Recit struct {
	*Scene
	*temoin
	moteur calcul.Moteur
	dire   func(pupitre.Etape) // told of each step once its proof is there
	venues []*creance          // of the stories played

	virements []virement // that the insurers made
}

// Conter makes the teller of a laboratory.
func Conter(s *Scene, dire func(pupitre.Etape)) (*Recit, error) {
	m, err := calcul.New(nil)
	if err != nil {
		return nil, err
	}
	t := &temoin{monde: s.Laboratoire.Monde, horloge: s.Laboratoire.horloge, hopitaux: map[string]*hopital{}}
	for _, cle := range s.ordre {
		p := s.parties[cle]
		if cle != cleHostile {
			t.tous = append(t.tous, p)
		}
		for _, e := range p.Etablissements {
			t.hopitaux[cle] = &hopital{cle, e.Nom, p, e, s.observes[cle]}
		}
	}
	return &Recit{Scene: s, temoin: t, moteur: m, dire: dire}, nil
}

// agent is the pseudonym under which the demonstration acts.
const agent = "agent-demo"

// Jouer plays the stories, then the refusals.
func (r *Recit) Jouer(ctx context.Context) error {
	histoires, err := r.temoin.monde.Histoires()
	if err != nil {
		return err
	}
	for i := range histoires {
		if err := r.histoire(ctx, &histoires[i]); err != nil {
			return fmt.Errorf("%s : %w", histoires[i].Titre, err)
		}
	}
	if err := r.facturer(ctx); err != nil {
		return fmt.Errorf("de la facture à l'argent : %w", err)
	}
	if err := r.convenir(ctx); err != nil {
		return fmt.Errorf("par convention : %w", err)
	}
	if err := r.enVille(ctx); err != nil {
		return fmt.Errorf("pharmacie : %w", err)
	}
	return r.refus(ctx)
}

// histoire plays one visit in the hospital's own room.
func (r *Recit) histoire(ctx context.Context, h *monde.Histoire) error {
	p := r.parties[h.Etablissement.Cle].Etablissements[0]
	v, err := r.ouvrirVenue(ctx, p.Service, h)
	if err != nil {
		return err
	}
	r.venues = append(r.venues, &creance{h: h, es: p, venue: v.ID})
	debut := len(r.etapes)
	for i := range h.Etapes {
		if err := r.etape(ctx, p, v.ID, h, &h.Etapes[i]); err != nil {
			return fmt.Errorf("%s : %w", h.Etapes[i].Titre, err)
		}
	}
	return r.prouver(ctx, h.Etablissement.Cle, debut)
}

func (r *Recit) ouvrirVenue(ctx context.Context, s *etablissement.Service, h *monde.Histoire) (*etablissement.Venue, error) {
	e := r.temoin.monde.Entete(h, 1)
	b := e.Beneficiaire
	v, err := s.OuvrirVenue(ctx, etablissement.Dossier{
		Numero: h.Dossier, FinessGeo: e.Etablissement.FinessGeo, Contexte: h.Contexte, DateReference: h.Entree, PeriodeDebut: h.Entree,
		Discipline: e.Discipline, DMT: h.DMT, MT: h.MT, AMO: e.AMO, Information: true,
		Patient: etablissement.Patient{IPP: h.Patient.IPP, NIRAssure: b.NIRAssure, NIRBeneficiaire: b.NIRBeneficiaire, NomNaissance: b.NomNaissance,
			NomUsage: b.NomUsage, Prenom: b.Prenom, DateNaissance: b.DateNaissance, RangGemellaire: b.RangGemellaire, Qualite: b.Qualite},
	})
	if err != nil {
		return nil, err
	}
	for i := range h.Patient.Couvertures {
		c := &h.Patient.Couvertures[i]
		carte := r.temoin.monde.Carte(c)
		if v, err = s.AjouterCouverture(ctx, v.ID, etablissement.Ordre{Agent: agent}, c.Rang, etablissement.Attestation{
			NumeroAMC: carte.NumeroAMC, TypeConvention: carte.TypeConvention, CSR: carte.CSR, NumeroAdherent: c.NumeroAdherent,
			ValiditeDebut: carte.ValiditeDebut, ValiditeFin: carte.ValiditeFin, ModeAcquisition: carte.ModeAcquisition,
		}); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// etape plays one step, and tells the exchanges that it made.
func (r *Recit) etape(ctx context.Context, p *serveur.PartieEtablissement, venue string, h *monde.Histoire, e *monde.Etape) error {
	r.observes[h.Etablissement.Cle].prendre()
	place, ordre := etablissement.Place{Venue: venue, Rang: e.Rang}, etablissement.Ordre{Agent: agent}
	var k etablissement.Passage
	if e.Fait != nil {
		d, err := r.temoin.monde.Demande(r.moteur, h, e)
		if err != nil {
			return err
		}
		k = etablissement.Passage{TypeFacture: d.TypeFacture, NumeroFactureES: d.NumeroFactureES, TauxAMO: d.TauxAMO, CodePecFJ: d.CodePecFJ,
			ParcoursSoins: d.ParcoursSoins, Situation: d.Situation, Sejour: d.Sejour, Lignes: d.Lignes}
	}
	var v *etablissement.Venue
	var err error
	switch {
	case e.Service == roc.IDB:
		v, err = p.Service.DemanderDroits(ctx, place, ordre)
	case e.Service == roc.SIM:
		v, err = p.Service.Simuler(ctx, place, ordre, k)
	case e.Service == roc.DEL:
		v, err = p.Service.Annuler(ctx, place, ordre, e.Motif)
	case e.Local:
		v, err = p.Service.Calculer(ctx, place, ordre, k, roc.CalculLocal)
	default:
		v, err = p.Service.Calculer(ctx, place, ordre, k, roc.CalculCLC)
	}
	var refus *etablissement.Erreur
	if err != nil && !errors.As(err, &refus) {
		return err
	}
	r.raconter(h, e, v, err)
	return nil
}

// raconter tells the exchanges of a step, in the order in which they were made.
func (r *Recit) raconter(h *monde.Histoire, e *monde.Etape, v *etablissement.Venue, err error) {
	arrivees := r.observes[h.Etablissement.Cle].prendre()
	for i := range arrivees {
		a := &arrivees[i]
		x := r.exchange(h.Etablissement.Cle, h.Titre, a)
		x.Titre = e.Titre
		if a.Depart.Service != e.Service {
			x.Titre = "Où s'adresser ?"
			if a.Depart.Service != roc.ANN {
				x.Titre = "Le logiciel demande d'abord ce qui manque"
			}
		} else {
			r.juger(x, e.Attendu)
		}
		r.ajouter(*x)
	}
	if e.Local && v != nil {
		r.ajouter(r.local(h, e, v))
	}
	if len(arrivees) == 0 && !e.Local {
		x := pupitre.Etape{Histoire: h.Titre, Titre: e.Titre, Service: e.Service, Demandeur: h.Etablissement.Nom, Debut: r.temoin.horloge(), Attendu: "un échange"}
		if err != nil {
			x.Constate = err.Error()
		}
		r.ajouter(x)
	}
}

// juger compares the shares with those worked out by hand.
func (r *Recit) juger(x *pupitre.Etape, p *monde.Parts) {
	if p == nil || x.Totaux == nil {
		return
	}
	var inferieurs sante.Montant
	for _, g := range x.Totaux.Rangs {
		inferieurs += g.Montant
	}
	t := x.Totaux
	constate := monde.Parts{Depense: t.Depense, AMO: t.AMO, Autre: t.AutrePayeur, Inferieurs: inferieurs, AMC: t.AMC, Patient: t.Patient}
	x.Attendu = fmt.Sprintf("AMO %s, AMC %s, patient %s", p.AMO.Euros(), p.AMC.Euros(), p.Patient.Euros())
	if constate != *p {
		x.Ok = false
		x.Constate = fmt.Sprintf("AMO %s, AMC %s, patient %s", constate.AMO.Euros(), constate.AMC.Euros(), constate.Patient.Euros())
	}
}

// local tells a calculation that the hospital made itself.
func (r *Recit) local(h *monde.Histoire, e *monde.Etape, v *etablissement.Venue) pupitre.Etape {
	x := pupitre.Etape{Histoire: h.Titre, Titre: e.Titre, Service: e.Service, Demandeur: h.Etablissement.Nom, Repondant: "calculé sur place, sur les formules signées par l'AMC",
		Debut: r.temoin.horloge(), Code: roc.Accepte, Ok: true}
	c := v.Couverture(e.Rang)
	if c == nil || c.Calcul == nil {
		x.Ok, x.Constate = false, "aucun calcul"
		return x
	}
	k := c.Calcul
	x.Lignes, x.Totaux = pupitre.Lignes(&k.Demande, &k.Reponse), pupitre.Totaux(&k.Reponse, &k.Demande)
	if n := k.Reponse.NumeroEngagement; !n.IsZero() {
		x.Engagement = &pupitre.Engagement{Numero: n.String(), Etat: "garantie d'un calcul local", Debut: k.Reponse.EngagementDebut, Fin: k.Reponse.EngagementFin}
	}
	r.juger(&x, e.Attendu)
	return x
}

// prouver waits for the leaves of some steps to be under a signed checkpoint of
// who answered, checks their proofs, then tells the steps.
func (r *Recit) prouver(ctx context.Context, cle string, debut int) error {
	for i := debut; i < len(r.etapes); i++ {
		x := r.etapes[i]
		if x.Question != nil {
			if err := r.prouverUne(ctx, cle, &x); err != nil {
				return err
			}
			r.garde.Lock()
			r.etapes[i] = x
			r.garde.Unlock()
		}
		r.dire(x)
	}
	return nil
}

// OuvrirBureau serves the desk of the demonstration, beside its parties.
func (r *Recit) OuvrirBureau() (string, error) {
	a, err := r.Ports("bureau")
	if err != nil {
		return "", err
	}
	h := r.hopitaux[monde.CleHopital]
	b, err := bureauDemo(h.p, a, r.temoin)
	if err != nil {
		return "", err
	}
	e, err := h.p.EcouterBureau(a, b)
	if err != nil {
		return "", err
	}
	r.boucles.Go(func() { e.Servir() })
	return a, nil
}

// Appeler writes the same on a terminal.
func (r *Recit) Appeler(w io.Writer) {
	for _, x := range rubriques(r.hopitaux[monde.CleHopital].p, r.temoin) {
		fmt.Fprintf(w, "\n%s — %s\n", x.Titre, strings.Join(x.Paragraphes, " "))
		for _, l := range x.Liens {
			fmt.Fprintf(w, "  %s : %s\n", l.Libelle, l.Adresse)
		}
		for _, b := range x.Blocs {
			fmt.Fprintf(w, "  # %s\n", b.Legende)
			for l := range strings.Lines(b.Texte) {
				fmt.Fprintf(w, "  %s\n", strings.TrimRight(l, "\n"))
			}
		}
	}
}
