package pupitretest

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// jouer plays the stories: a visit, a stay, refusals.
func (m *Monde) jouer() {
	m.t.Helper()
	m.histoire = "Une consultation externe"
	m.consultation()
	m.histoire = "Un séjour à l'hôpital"
	m.sejour()
	m.histoire = "Ce qui est refusé"
	m.refus()
}

func (m *Monde) raconter(e *pupitre.Etape, attendu string, recit ...string) {
	e.Recit, e.Attendu = recit, attendu
	if e.Refus != nil && e.Code.Technique() {
		e.Refus.QueFaire = "Refaire la demande avec un certificat et un sceau en règle."
	}
	m.etapes = append(m.etapes, *e)
}

func (m *Monde) preparer(cle int, service string) *pupitre.Essai {
	m.t.Helper()
	c := m.Choix()
	f := c.Exemples[cle].Formulaire
	f.Service = service
	e, erreurs := pupitre.Preparer(&f, &c)
	if erreurs != nil {
		m.t.Fatalf("formulaire : %v", erreurs)
	}
	return e
}

func (m *Monde) droits() *roc.ReponseIDB {
	oui := true
	return &roc.ReponseIDB{Retour: roc.RetourDe(roc.Accepte, ""), StatutDroits: roc.DroitsOuverts, IDReponseIDB: "IDB-20260302-0001",
		DroitsDebut: sante.JourDe(2026, 1, 1), DroitsFin: sante.JourDe(2026, 12, 31), TiersPayantAutorise: &oui, ContratResponsable: &oui,
		TypeContrat: roc.ContratCollectif, ModeCalcul: roc.CalculLocalOuCLC, Formules: m.contrat().Garanties,
		MessageAgent: "Carte valable <script>alert('droits')</script> jusqu'au 31/12/2026."}
}

func (m *Monde) contrat() calcul.Contrat {
	regle := func(code string, f calcul.Famille, r calcul.Regle) calcul.Garantie {
		return calcul.Garantie{Code: code, Famille: f, Formule: calcul.Simple(r)}
	}
	return calcul.Contrat{Type: calcul.ContratCollectif, Responsable: true, Debut: sante.JourDe(2026, 1, 1), Fin: sante.JourDe(2026, 12, 31),
		Garanties: []calcul.Garantie{
			regle("SOINS", calcul.FamilleCONS, calcul.Regle{Numero: calcul.F03, P: sante.Pourcent(130)}),
			regle("SEJOUR", calcul.FamilleSEJ, calcul.Regle{Numero: calcul.F01}),
			regle("FJ", calcul.FamilleFJ, calcul.Regle{Numero: calcul.F05}),
			regle("CHAMBRE", calcul.FamilleCP, calcul.Regle{Numero: calcul.F07, M: 5000}),
		}}
}

// repondre computes the answer to a question of calculation.
func (m *Monde) repondre(s roc.Service, d *roc.DemandeCalcul) (*roc.ReponseCalcul, error) {
	if s == roc.SIM {
		r, err := roc.Estimer(m.Moteur, m.contrat(), d, nil)
		if err == nil {
			r.Caractere, r.IDSimulation = roc.Indicatif, "SIM-20260302-0001"
		}
		return r, err
	}
	r, _, err := roc.Repartir(m.Moteur, m.contrat(), d, nil)
	if err != nil {
		return nil, err
	}
	r.Caractere, r.EngagementDebut, r.EngagementFin = roc.Engagement, d.DateReference, d.DateReference.Mois(12)
	r.NumeroEngagement, err = roc.TirerNumeroEngagement(d.Carte.NumeroAMC, nil)
	return r, err
}

func (m *Monde) calculer(v envoi, titre string, e *pupitre.Essai) *pupitre.Etape {
	m.t.Helper()
	d := e.Calcul
	d.IDReponseIDB = "IDB-20260302-0001"
	r, err := m.repondre(e.Service, d)
	if err != nil {
		m.t.Fatal(err)
	}
	if e.Service == roc.SIM {
		return echanger(m, roc.EchangeSIM, v, titre, d, r)
	}
	return echanger(m, roc.EchangeCLC, v, titre, d, r)
}

func (m *Monde) consultation() {
	rest := envoi{face: sceau.REST}
	e := echanger(m, roc.EchangeIDB, rest, "Jeanne Brume est-elle couverte ?", m.preparer(0, "IDB").IDB, m.droits())
	m.raconter(e, "000", "Jeanne Brume vient en consultation. L'"+Hopital+" lit sa carte et demande à la "+Mutuelle+" si ses droits sont ouverts le 2 mars 2026.",
		"La "+Mutuelle+" répond qu'ils le sont jusqu'au 31 décembre 2026, et donne les formules de son contrat.")
	e = m.calculer(rest, "Combien paie la mutuelle ?", m.preparer(0, "CLC"))
	m.raconter(e, "000", "La consultation coûte 45,00 €, dont 15,00 € de dépassement. L'hôpital demande la part exacte de la mutuelle, et qu'elle s'engage à la payer.")
	d := &roc.DemandeDEL{Motif: roc.ErreurSaisie}
	d.NumeroEngagement = lire(m.t, roc.ParseNumeroEngagement, e.Engagement.Numero)
	del := &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, ""), DateAnnulation: sante.JourDe(2026, 3, 2), EtatEngagement: roc.EtatAnnule}
	x := echanger(m, roc.EchangeDEL, rest, "Une erreur : l'engagement est annulé", d, del)
	m.raconter(x, "000", "L'agent s'est trompé d'acte. L'hôpital annule l'engagement avant de redemander le calcul.")
}

func (m *Monde) sejour() {
	relaye := envoi{face: sceau.SOAP, relais: "OCT-CONFLUENT", chiffre: true}
	e := m.calculer(relaye, "Estimer le reste à charge avant l'entrée", m.preparer(1, "SIM"))
	m.raconter(e, "une estimation", "Avant l'admission, l'hôpital demande une estimation : elle n'engage personne.",
		"La question passe par un relais, qui lit l'enveloppe et non le corps, chiffré pour la mutuelle.")
	clc := m.preparer(1, "CLC")
	clc.Calcul.RangAMC = 2
	clc.Calcul.RangsInferieurs = []roc.RangInferieur{{Rang: 1, NumeroAMC: lire(m.t, sante.ParseNumeroAMC, "99000002"),
		Montants: []roc.MontantDeLigne{{Rang: 1, Montant: 4000}, {Rang: 2, Montant: 2000}}}}
	e = m.calculer(envoi{face: sceau.SOAP}, "Les trois parts du séjour, et l'engagement", clc)
	m.raconter(e, "un engagement", "À la sortie, la première mutuelle a déjà dit sa part : celle-ci vient au deuxième rang.")
}

func (m *Monde) refus() {
	e := echanger(m, roc.EchangeIDB, envoi{face: sceau.SOAP, alterer: true}, "Un octet changé en chemin", m.preparer(0, "IDB").IDB, m.droits())
	m.raconter(e, "S502", "Le prénom a été modifié après le sceau : l'empreinte du corps n'est plus celle que le sceau porte.")
	e = echanger(m, roc.EchangeIDB, envoi{face: sceau.REST, cachet: m.revoque}, "Un certificat révoqué", m.preparer(0, "IDB").IDB, m.droits())
	m.raconter(e, "S503", "La clé de ce cachet a été perdue, et son certificat révoqué.")
}

// Envoyeur answers the trials of a visitor.
type Envoyeur struct {
	M     *Monde
	Recus []*pupitre.Essai
	Panne error // returned by Envoyer, when set
	// Garder keeps each exchange in the world, under the number that it gives.
	Garder bool
}

func (v *Envoyeur) garder(e *pupitre.Etape) pupitre.Etape {
	e.Numero, e.Libre = 0, true
	if v.Garder {
		e.Numero = len(v.M.etapes) + 1
		v.M.etapes = append(v.M.etapes, *e)
	}
	return *e
}

// Choix offers what the world holds.
func (v *Envoyeur) Choix(context.Context) pupitre.Choix { return v.M.Choix() }

// Envoyer seals, sends and answers.
func (v *Envoyeur) Envoyer(_ context.Context, e *pupitre.Essai) (pupitre.Etape, error) {
	v.Recus = append(v.Recus, e)
	m := v.M
	switch {
	case v.Panne != nil:
		return pupitre.Etape{}, v.Panne
	case e.IDB != nil:
		return v.garder(echanger(m, roc.EchangeIDB, envoi{face: e.Face}, "Votre IDB", e.IDB, m.droits())), nil
	case e.Calcul != nil:
		return v.garder(m.calculer(envoi{face: e.Face}, "Votre "+string(e.Service), e)), nil
	case !e.ASceller:
		x := pupitre.Etape{Titre: "Votre message", Service: e.Service, Face: e.Face, Ok: true, Question: m.Loupe.Voir(e.Brut, e.Face, m.horloge)}
		x.Code = x.Question.Code
		return x, nil
	}
	s, err := e.Sceller(m.partie.Cachet, m.horloge)
	if err != nil {
		return pupitre.Etape{}, err
	}
	x := pupitre.Etape{Titre: "Votre message, scellé", Service: e.Service, Face: e.Face, Ok: true, Question: m.Loupe.Voir(s.Octets, e.Face, m.horloge)}
	if x.Question.Code != "" {
		return x, errors.New(x.Question.Echec)
	}
	return x, nil
}
