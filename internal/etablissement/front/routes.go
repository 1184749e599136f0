package front

import (
	"encoding/base64"
	stdjson "encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/trame"
)

// Route is one door of the interface.
type Route struct {
	Methode string
	Chemin  string
	Doc     string      // a French sentence
	Libre   bool        // without the secret
	Corps   trame.Forme // body of the request, nil when there is none
	Fusion  bool        // the body is a JSON merge patch of it. ref: RFC 7396
	Reponse trame.Forme // body of the answer, nil when it is not JSON
	Statut  int         // of a success

	Interroge bool // puts a question to an insurer
	servir    func(f *Front, d *demande) (*reponse, error)
}

// Routes is every door, in the order of a visit.
func Routes() []Route {
	return []Route{
		{"POST", "/v1/venues", "Ouvre une venue", false, planDossier, false, planVenue, 201, false, (*Front).ouvrir},
		{"GET", "/v1/venues", "Liste les venues, la plus récente d'abord", false, nil, false, planVenues, 200, false, (*Front).lister},
		{"GET", "/v1/venues/{id}", "Lit une venue", false, nil, false, planVenue, 200, false, (*Front).lire},
		{"PATCH", "/v1/venues/{id}", "Modifie une venue (If-Match obligatoire)", false, planDossier, true, planVenue, 200, false, (*Front).modifier},
		{"POST", "/v1/venues/{id}/couvertures", "Ajoute la carte d'une AMC", false, planCouverture, false, planVenue, 201, false, (*Front).couvrir},
		{"PUT", "/v1/venues/{id}/couvertures/{rang}", "Remplace la carte d'un rang (If-Match obligatoire)", false, planCouverture, false, planVenue, 200, false, (*Front).recouvrir},
		{"POST", "/v1/venues/{id}/droits", "Demande les droits (Annuaire, puis IDB)", false, planRang, false, planVenue, 200, true, (*Front).droits},
		{"POST", "/v1/venues/{id}/conventions", "Recourt à la convention de la table pour une AMC qui n'est pas en ligne : sans droits demandés, sans garantie", false, planRang, false, planVenue, 200, true, (*Front).convenir},
		{"POST", "/v1/venues/{id}/identites", "Accepte ou refuse une identité corrigée par l'AMC", false, planIdentite, false, planVenue, 200, false, (*Front).identite},
		{"POST", "/v1/venues/{id}/simulations", "Demande une simulation (SIM), pour un séjour", false, planSimulation, false, planVenue, 200, true, (*Front).simuler},
		{"POST", "/v1/venues/{id}/calculs", "Demande le calcul et sa garantie (CLC, ou calcul local) ; sans garantie par convention", false, planCalcul, false, planVenue, 200, true, (*Front).calculer},
		{"POST", "/v1/venues/{id}/annulations", "Annule un engagement, ou fait oublier une simulation (DEL)", false, planAnnulation, false, planVenue, 200, true, (*Front).annuler},
		{"POST", "/v1/venues/{id}/factures", "Facture à l'AMC ce sur quoi elle est engagée ; la facture part dans un lot", false, planFacture, false, planVenue, 200, false, (*Front).facturer},
		{"POST", "/v1/venues/{id}/factures/annulations", "Annule une facture que l'AMC n'a pas payée", false, planFacture, false, planVenue, 200, false, (*Front).annulerFacture},
		{"POST", "/v1/venues/{id}/factures/corrections", "Prépare le renvoi d'une facture rejetée dont les montants ne changent pas", false, planRang, false, planVenue, 200, false, (*Front).corriger},
		{"POST", "/v1/venues/{id}/clotures", "Clôt une couverture payée, ou passée en perte avec un motif", false, planCloture, false, planVenue, 200, false, (*Front).clore},
		{"POST", "/v1/venues/{id}/reprises", "Renvoie la question dont la réponse s'est perdue", false, planRang, false, planVenue, 200, true, (*Front).reprendre},
		{"GET", "/v1/venues/{id}/engagements/{rang}", "Demande à l'AMC ce qu'elle sait de son engagement", false, nil, false, planEngagement, 200, true, (*Front).consulter},
		{"GET", "/v1/venues/{id}/messages", "Liste les messages échangés pour le dossier", false, nil, false, planMessages, 200, false, (*Front).messages},
		{"GET", "/v1/venues/{id}/historique", "Liste les passages d'un état à l'autre", false, nil, false, planHistorique, 200, false, (*Front).historique},
		{"GET", "/v1/venues/{id}/recu", "Reçu à imprimer, en HTML, en texte ou en PDF (?format=html, texte, pdf)", false, nil, false, nil, 200, false, (*Front).recu},
		{"GET", "/v1/venues/{id}/couvertures/{rang}/facture", "Raconte la facture d'une couverture : ses états, quand, pourquoi, et les messages du dossier", false, nil, false, planSuivi, 200, false, (*Front).raconter},
		{"GET", "/v1/clotures/{jour}", "Arrête une journée : ce qui est engagé, facturé, reçu, payé, rejeté, en retard, à corriger, par AMC", false, nil, false, planJournee, 200, false, (*Front).cloturer},
		{"GET", "/v1/clotures/{jour}/factures", "Liste les factures derrière un chiffre de la clôture", false, nil, false, planFactures, 200, false, (*Front).derriere},
		{"GET", "/v1/flux/{numero}", "Vie d'une facture ou d'un lot : états, qui les dit, feuille du journal", false, nil, false, planFlux, 200, false, (*Front).flux},
		{"GET", "/v1/reserves", "Liste ce que des retours d'AMC ont dit sans effet : quelles factures, pourquoi, qui doit agir", false, nil, false, planReserves, 200, false, (*Front).reserves},
		{"POST", "/v1/reserves/{cle}/levees", "Lève une réserve, ou toutes celles d'un retour, avec un motif (Ecluse-Agent obligatoire)", false, planLevee, false, planReserves, 200, false, (*Front).lever},
		{"GET", "/v1/automate", "Dessin des états d'une couverture, en Mermaid", true, nil, false, nil, 200, false, (*Front).automate},
		{"GET", "/v1/openapi.json", "Cette description", true, nil, false, nil, 200, false, (*Front).description},
	}
}

func (f *Front) ouvrir(d *demande) (*reponse, error) {
	k, err := decoder(d, planDossier)
	if err != nil {
		return nil, err
	}
	v, err := f.service.OuvrirVenue(d.Context(), *k)
	if err != nil {
		return nil, err
	}
	r := f.venue(http.StatusCreated, v)
	r.entetes["Location"] = "/v1/venues/" + v.ID
	return r, nil
}

func (f *Front) lister(d *demande) (*reponse, error) {
	q := d.URL.Query()
	avant, err := instantParam(q.Get("avant"))
	if err != nil {
		return nil, err
	}
	l, err := f.service.Lister(d.Context(), etablissement.Filtre{Dossier: q.Get("dossier"), Etat: etablissement.Etat(q.Get("etat")), Avant: avant})
	if err != nil {
		return nil, err
	}
	var x VenuesVue
	for _, r := range l {
		x.Venues = append(x.Venues, ResumeVue(r))
	}
	return json(http.StatusOK, planVenues, &x), nil
}

func (f *Front) lire(d *demande) (*reponse, error) {
	v, err := f.service.Venue(d.Context(), d.PathValue("id"))
	if err != nil {
		return nil, err
	}
	r := f.venue(http.StatusOK, v)
	// What is to be done depends on the day too: a version alone does not tell it.
	if d.Header.Get("If-None-Match") == r.entetes["ETag"] && len(f.service.Consignes(v)) == 0 {
		return &reponse{statut: http.StatusNotModified, entetes: r.entetes}, nil
	}
	return r, nil
}

// modifier merges what is given into what is known. ref: RFC 7396
func (f *Front) modifier(d *demande) (*reponse, error) {
	o, err := d.ordre(true)
	if err != nil {
		return nil, err
	}
	v, err := f.service.Venue(d.Context(), d.PathValue("id"))
	if err != nil {
		return nil, err
	}
	fusion, err := fusionner(planDossier.AppendJSON(nil, &v.Dossier), d.corps)
	if err != nil {
		return nil, err
	}
	k := new(etablissement.Dossier)
	if err := planDossier.DecodeJSON(fusion, k); err != nil {
		return nil, err
	}
	if o.Version == 0 {
		o.Version = v.Version // If-Match: * still merges into what was read here
	}
	if v, err = f.service.ModifierVenue(d.Context(), v.ID, o, *k); err != nil {
		return nil, err
	}
	return f.venue(http.StatusOK, v), nil
}

func fusionner(base, partie []byte) ([]byte, error) {
	var b, p map[string]any
	if err := stdjson.Unmarshal(partie, &p); err != nil || p == nil {
		return nil, &probleme{statut: http.StatusBadRequest, titre: "Requête illisible", detail: "Un objet JSON est attendu."}
	}
	if err := stdjson.Unmarshal(base, &b); err != nil || b == nil {
		return nil, fmt.Errorf("front: base d'une fusion illisible: %w", err)
	}
	fusionnerObjet(b, p)
	return stdjson.Marshal(b)
}

func fusionnerObjet(b, p map[string]any) {
	for k, v := range p {
		objet, ok := v.(map[string]any)
		switch {
		case v == nil:
			delete(b, k)
		case ok:
			sous, _ := b[k].(map[string]any)
			if sous == nil {
				sous = map[string]any{}
			}
			fusionnerObjet(sous, objet)
			b[k] = sous
		default:
			b[k] = v
		}
	}
}

// carte reads the card of a request: its fields, or its datamatrix.
func carte(d *demande) (int, etablissement.Attestation, error) {
	k, err := decoder(d, planCouverture)
	if err != nil {
		return 0, etablissement.Attestation{}, err
	}
	if k.Carte != nil {
		return k.Rang, *k.Carte, nil
	}
	a, err := etablissement.LireDatamatrix(k.Datamatrix)
	return k.Rang, a, err
}

func (f *Front) couvrir(d *demande) (*reponse, error) {
	o, err := d.ordre(false)
	if err != nil {
		return nil, err
	}
	rang, a, err := carte(d)
	if err != nil {
		return nil, err
	}
	v, err := f.service.AjouterCouverture(d.Context(), d.PathValue("id"), o, rang, a)
	if err != nil {
		return nil, err
	}
	return f.venue(http.StatusCreated, v), nil
}

func (f *Front) recouvrir(d *demande) (*reponse, error) {
	o, err := d.ordre(true)
	if err != nil {
		return nil, err
	}
	p, err := d.place()
	if err != nil {
		return nil, err
	}
	_, a, err := carte(d)
	if err != nil {
		return nil, err
	}
	v, err := f.service.ModifierCouverture(d.Context(), p.Venue, o, p.Rang, a)
	if err != nil {
		return nil, err
	}
	return f.venue(http.StatusOK, v), nil
}

// place reads the coverage that an address names.
func (d *demande) place() (etablissement.Place, error) {
	n, err := strconv.Atoi(d.PathValue("rang"))
	if err != nil || n < 1 || n > 3 {
		return etablissement.Place{}, &probleme{statut: http.StatusNotFound, titre: "Rang inconnu", detail: "Un rang va de 1 à 3."}
	}
	return etablissement.Place{Venue: d.PathValue("id"), Rang: n}, nil
}

// agir is the shape of the requests that put a question or take a decision.
func agir[T any](f *Front, d *demande, plan *trame.Plan[T], rang func(*T) int,
	regle func(p etablissement.Place, o etablissement.Ordre, k *T) (*etablissement.Venue, error)) (*reponse, error) {
	o, err := d.ordre(false)
	if err != nil {
		return nil, err
	}
	k, err := decoder(d, plan)
	if err != nil {
		return nil, err
	}
	v, err := regle(etablissement.Place{Venue: d.PathValue("id"), Rang: rang(k)}, o, k)
	if err != nil {
		return nil, err
	}
	return f.venue(http.StatusOK, v), nil
}

func (f *Front) droits(d *demande) (*reponse, error) {
	return agir(f, d, planRang, func(k *RangDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, _ *RangDemande) (*etablissement.Venue, error) {
			return f.service.DemanderDroits(d.Context(), p, o)
		})
}

func (f *Front) convenir(d *demande) (*reponse, error) {
	return agir(f, d, planRang, func(k *RangDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, _ *RangDemande) (*etablissement.Venue, error) {
			return f.service.ParConvention(d.Context(), p, o)
		})
}

func (f *Front) identite(d *demande) (*reponse, error) {
	return agir(f, d, planIdentite, func(k *IdentiteDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, k *IdentiteDemande) (*etablissement.Venue, error) {
			return f.service.TrancherIdentite(d.Context(), p, o, k.Suite)
		})
}

func (f *Front) simuler(d *demande) (*reponse, error) {
	return agir(f, d, planSimulation, func(k *SimulationDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, k *SimulationDemande) (*etablissement.Venue, error) {
			return f.service.Simuler(d.Context(), p, o, k.Passage)
		})
}

func (f *Front) calculer(d *demande) (*reponse, error) {
	return agir(f, d, planCalcul, func(k *CalculDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, k *CalculDemande) (*etablissement.Venue, error) {
			return f.service.Calculer(d.Context(), p, o, k.Passage, k.Mode)
		})
}

func (f *Front) annuler(d *demande) (*reponse, error) {
	return agir(f, d, planAnnulation, func(k *AnnulationDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, k *AnnulationDemande) (*etablissement.Venue, error) {
			if k.Objet == annulerSimulation {
				return f.service.OublierSimulation(d.Context(), p, o, k.Motif)
			}
			return f.service.Annuler(d.Context(), p, o, k.Motif)
		})
}

func (f *Front) facturer(d *demande) (*reponse, error) {
	return agir(f, d, planFacture, func(k *FactureDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, k *FactureDemande) (*etablissement.Venue, error) {
			return f.service.Facturer(d.Context(), p, o, etablissement.Facturation{Numero: k.Numero, Date: k.Date})
		})
}

func (f *Front) annulerFacture(d *demande) (*reponse, error) {
	return agir(f, d, planFacture, func(k *FactureDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, k *FactureDemande) (*etablissement.Venue, error) {
			return f.service.AnnulerFacture(d.Context(), p, o, etablissement.Facturation{Numero: k.Numero, Date: k.Date})
		})
}

func (f *Front) corriger(d *demande) (*reponse, error) {
	return agir(f, d, planRang, func(k *RangDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, _ *RangDemande) (*etablissement.Venue, error) {
			return f.service.Corriger(d.Context(), p, o)
		})
}

func (f *Front) clore(d *demande) (*reponse, error) {
	return agir(f, d, planCloture, func(k *ClotureDemande) int { return k.Rang },
		func(p etablissement.Place, o etablissement.Ordre, k *ClotureDemande) (*etablissement.Venue, error) {
			return f.service.Clore(d.Context(), p, o, k.Motif)
		})
}

func (f *Front) reprendre(d *demande) (*reponse, error) {
	return agir(f, d, planRang, func(k *RangDemande) int { return k.Rang },
		func(p etablissement.Place, _ etablissement.Ordre, _ *RangDemande) (*etablissement.Venue, error) {
			return f.service.Relancer(d.Context(), p)
		})
}

func (f *Front) consulter(d *demande) (*reponse, error) {
	p, err := d.place()
	if err != nil {
		return nil, err
	}
	r, err := f.service.Consulter(d.Context(), p)
	if err != nil {
		return nil, err
	}
	return json(http.StatusOK, planEngagement, r), nil
}

func (f *Front) messages(d *demande) (*reponse, error) {
	_, l, err := f.service.Messages(d.Context(), d.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var x MessagesVue
	for _, m := range l {
		x.Messages = append(x.Messages, MessageVue{IDMessage: m.IDMessage, IDEchange: m.IDEchange, Emission: m.Emission,
			ServiceROC: string(m.Service), Destinataire: m.Destinataire, Posee: m.Posee, Repondue: m.Repondue, Code: m.Code, Verdict: m.Verdict,
			Question: base64.StdEncoding.EncodeToString(m.Question), Reponse: base64.StdEncoding.EncodeToString(m.Reponse)})
	}
	return json(http.StatusOK, planMessages, &x), nil
}

func (f *Front) historique(d *demande) (*reponse, error) {
	if _, err := f.service.Venue(d.Context(), d.PathValue("id")); err != nil {
		return nil, err
	}
	l, err := f.service.Moments(d.Context(), d.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var x HistoriqueVue
	for _, m := range l {
		x.Moments = append(x.Moments, MomentVue{Rang: m.Rang, Avant: m.Avant, Evenement: string(m.Evenement), Apres: m.Apres,
			Instant: m.Instant, Code: m.Code, IDMessage: m.IDMessage, Agent: m.Agent})
	}
	return json(http.StatusOK, planHistorique, &x), nil
}

func (f *Front) flux(d *demande) (*reponse, error) {
	l, err := f.service.Suivre(d.Context(), d.PathValue("numero"))
	if err != nil {
		return nil, err
	}
	var x FluxVue
	for _, j := range l {
		x.Jalons = append(x.Jalons, JalonVue(j))
	}
	return json(http.StatusOK, planFlux, &x), nil
}

func (f *Front) automate(*demande) (*reponse, error) {
	return &reponse{statut: http.StatusOK, corps: []byte(etablissement.Dessin()), entetes: map[string]string{"Content-Type": "text/vnd.mermaid; charset=utf-8"}}, nil
}

func (f *Front) description(*demande) (*reponse, error) {
	return &reponse{statut: http.StatusOK, corps: f.openapi, entetes: map[string]string{"Content-Type": "application/vnd.oai.openapi+json;version=3.1"}}, nil
}
