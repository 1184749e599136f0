package front

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// JourneeVue is the close of a day.
type JourneeVue struct {
	Jour       sante.Jour      `fil:"jour" doc:"Jour arrêté"`
	Provisoire bool            `fil:"provisoire" doc:"La journée n'est pas finie"`
	Delai      int             `fil:"delai,min=0,max=999" doc:"Jours promis pour payer, depuis l'accusé de réception ou la remise par fichier"`
	ARouvrir   int64           `fil:"aRouvrir,opt,min=0" doc:"Couvertures d'avant la tenue des comptes, pas encore comptées"`
	Controle   *time.Time      `fil:"controle,opt" doc:"Instant du dernier contrôle des comptes"`
	Ecarts     int64           `fil:"ecarts,opt,min=0" doc:"Écarts que ce contrôle a trouvés"`
	Engage     MontantsVue     `fil:"engage" doc:"Tout ce qui a été engagé depuis l'origine"`
	Sans       MontantsVue     `fil:"sansGarantie" doc:"Tout ce qui a été calculé par convention depuis l'origine, sans garantie de l'AMC"`
	Postes     MontantsVue     `fil:"postes" doc:"Somme des postes : celle des deux"`
	Reserves   int64           `fil:"reserves,opt,min=0" doc:"Ce que des retours d'AMC ont dit sans effet et qui attend une personne maintenant (/v1/reserves)"`
	AMC        []JourneeAMCVue `fil:"amc,opt,n=0..2000" doc:"Chiffres de chaque AMC"`
}

// JourneeAMCVue is an insurer of the close of a day.
type JourneeAMCVue struct {
	Numero   sante.NumeroAMC `fil:"numero" doc:"Numéro de l'AMC"`
	Libelle  string          `fil:"libelle,opt" doc:"Son nom, s'il est connu"`
	Chiffres []ChiffreVue    `fil:"chiffres,n=0..40" doc:"Chiffres"`
}

// ChiffreVue is a figure.
type ChiffreVue struct {
	Chiffre string      `fil:"chiffre" doc:"Nom du chiffre, pour l'ouvrir"`
	Libelle string      `fil:"libelle" doc:"En clair"`
	Flux    MontantsVue `fil:"flux" doc:"Entré dans la journée"`
	Stock   MontantsVue `fil:"stock" doc:"À la fin du jour"`
	Mention string      `fil:"mention,opt" doc:"Ce que vaut ce chiffre, quand l'AMC ne l'a pas garanti"`
	Motifs  []MotifVue  `fil:"motifs,opt,n=0..200" doc:"Par code de rejet"`
}

// MotifVue is the part of a figure that has one reason.
type MotifVue struct {
	Motif roc.Code    `fil:"motif" doc:"Code du rejet"`
	Flux  MontantsVue `fil:"flux" doc:"Entré dans la journée"`
	Stock MontantsVue `fil:"stock" doc:"À la fin du jour"`
}

// MontantsVue is how many, and how much.
type MontantsVue struct {
	Nombre  int64         `fil:"nombre" doc:"Nombre de factures"`
	Montant sante.Montant `fil:"montant" doc:"Montant"`
}

// FacturesVue is a page of the invoices behind a figure.
type FacturesVue struct {
	Factures []FactureDerriereVue `fil:"factures,opt,n=0..500" doc:"Factures, la dernière entrée au poste d'abord"`
	Suite    string               `fil:"suite,opt" doc:"À rappeler dans « apres » pour la page suivante ; absent à la dernière"`
}

// FactureDerriereVue is an invoice behind a figure, without any data of the patient.
type FactureDerriereVue struct {
	Venue    string                  `fil:"venue" doc:"Identifiant opaque de la venue"`
	Rang     int                     `fil:"rang,min=1,max=3" doc:"Rang de l'AMC"`
	Dossier  string                  `fil:"dossier,opt" doc:"Numéro de dossier"`
	Facture  string                  `fil:"facture,opt" doc:"Numéro de facture"`
	Poste    etablissement.Poste     `fil:"poste" doc:"Poste où elle se trouve"`
	Motif    roc.Code                `fil:"motif,opt" doc:"Code du rejet"`
	Entree   sante.Jour              `fil:"entree" doc:"Jour de son entrée au poste"`
	Accuse   sante.Jour              `fil:"accuse,opt" doc:"Jour de l'accusé de réception, ou de la remise par fichier"`
	Nombre   int                     `fil:"nombre,min=0,max=1" doc:"1, ou 0 pour une part de facture"`
	Montant  sante.Montant           `fil:"montant" doc:"Montant"`
	Mention  string                  `fil:"mention,opt" doc:"Ce que vaut ce montant, quand l'AMC ne l'a pas garanti"`
	Consigne *etablissement.Consigne `fil:"consigne,opt" doc:"Qui doit agir et que faire, quand son paiement est en retard"`
}

// FactureVue is the invoice of a coverage and its story.
type FactureVue struct {
	Couverture CouvertureVue            `fil:"couverture" doc:"La couverture et sa dernière facture"`
	Compte     *etablissement.Compte    `fil:"compte,opt" doc:"Où est l'argent"`
	Moments    []MomentVue              `fil:"moments,opt,n=0..10000" doc:"Passages d'un état à l'autre"`
	Consignes  []etablissement.Consigne `fil:"consignes,opt,n=0..100" doc:"Ce qu'il faut faire, un paiement en retard compris"`
	Reserves   []ReserveVue             `fil:"reserves,opt,n=0..500" doc:"Ce que des retours en ont dit sans effet"`
	Messages   []roc.UUID               `fil:"messages,opt,n=0..10000" doc:"Messages du dossier"`
}

var (
	planJournee  = trame.Pour[JourneeVue](espace)
	planFactures = trame.Pour[FacturesVue](espace)
	planSuivi    = trame.Pour[FactureVue](espace)
)

func montantsVue(m etablissement.Montants) MontantsVue { return MontantsVue{m.Nombre, m.Montant} }

// jourParam reads a day of an address; « aujourdhui » is the zero day.
func jourParam(s string) (sante.Jour, error) {
	if s == "aujourdhui" {
		return 0, nil
	}
	j, err := sante.ParseJour(s)
	if err != nil {
		return 0, &probleme{statut: http.StatusBadRequest, titre: "Jour illisible", detail: "Un jour s'écrit 2026-11-22, ou aujourdhui."}
	}
	return j, nil
}

func (f *Front) cloturer(d *demande) (*reponse, error) {
	jour, err := jourParam(d.PathValue("jour"))
	if err != nil {
		return nil, err
	}
	j, err := f.service.CloreJournee(d.Context(), jour)
	if err != nil {
		return nil, err
	}
	_, postes := j.Equilibre(sante.NumeroAMC{})
	engage, sans := j.Origines(sante.NumeroAMC{})
	noms, err := f.service.NomsAMC(d.Context(), j)
	if err != nil {
		return nil, err
	}
	x := JourneeVue{Jour: j.Jour, Provisoire: j.Provisoire, Delai: j.Delai, ARouvrir: j.ARouvrir, Reserves: j.Reserves, Ecarts: j.Controle.Differences,
		Engage: montantsVue(engage), Sans: montantsVue(sans), Postes: montantsVue(postes)}
	if !j.Controle.Instant.IsZero() {
		x.Controle = &j.Controle.Instant
	}
	for _, amc := range j.AMCs() {
		a := JourneeAMCVue{Numero: amc, Libelle: noms[amc]}
		for _, c := range j.Chiffres(amc) {
			v := ChiffreVue{Chiffre: c.Cle, Libelle: c.Libelle, Flux: montantsVue(c.Flux), Stock: montantsVue(c.Stock), Mention: c.Mention()}
			for _, m := range c.Motifs {
				v.Motifs = append(v.Motifs, MotifVue{m.Motif, montantsVue(m.Flux), montantsVue(m.Stock)})
			}
			a.Chiffres = append(a.Chiffres, v)
		}
		x.AMC = append(x.AMC, a)
	}
	return json(http.StatusOK, planJournee, &x), nil
}

func (f *Front) derriere(d *demande) (*reponse, error) {
	jour, err := jourParam(d.PathValue("jour"))
	if err != nil {
		return nil, err
	}
	q := d.URL.Query()
	k := etablissement.FiltreFactures{Jour: jour, Chiffre: q.Get("chiffre"), Motif: roc.Code(q.Get("motif")), Sens: etablissement.FluxOuStock(q.Get("sens")), Apres: q.Get("apres")}
	if s := q.Get("max"); s != "" {
		if k.Max, err = strconv.Atoi(s); err != nil || k.Max < 1 {
			return nil, &probleme{statut: http.StatusBadRequest, titre: "Nombre illisible", detail: "« max » est un nombre, de 1 à 500."}
		}
	}
	if k.AMC, err = sante.ParseNumeroAMC(q.Get("amc")); err != nil {
		return nil, &probleme{statut: http.StatusBadRequest, titre: "AMC illisible", detail: "« amc » est un numéro d'AMC, de 8 à 10 chiffres."}
	}
	l, suite, err := f.service.FacturesDe(d.Context(), k, false)
	if err != nil {
		return nil, err
	}
	x := FacturesVue{Suite: suite}
	for i := range l {
		e := &l[i]
		x.Factures = append(x.Factures, FactureDerriereVue{Venue: e.Venue, Rang: e.Rang, Dossier: e.Dossier, Facture: e.Facture, Poste: e.Poste,
			Motif: e.Motif, Entree: e.Jour, Accuse: e.Accuse, Nombre: e.Nombre, Montant: e.Montant, Mention: e.Mention(), Consigne: e.Consigne})
	}
	return json(http.StatusOK, planFactures, &x), nil
}

func (f *Front) raconter(d *demande) (*reponse, error) {
	p, err := d.place()
	if err != nil {
		return nil, err
	}
	k, err := f.service.Raconter(d.Context(), p)
	if err != nil {
		return nil, err
	}
	v := f.vueVenue(k.Venue)
	x := FactureVue{Compte: k.Venue.Couverture(p.Rang).Compte, Reserves: reservesVue(k.Reserves)}
	for _, c := range v.Consignes {
		if c.Rang == p.Rang {
			x.Consignes = append(x.Consignes, c)
		}
	}
	for i := range v.Couvertures {
		if v.Couvertures[i].Rang == p.Rang {
			x.Couverture = v.Couvertures[i]
		}
	}
	for _, m := range k.Moments {
		x.Moments = append(x.Moments, MomentVue{Rang: m.Rang, Avant: m.Avant, Evenement: string(m.Evenement), Apres: m.Apres,
			Instant: m.Instant, Code: m.Code, IDMessage: m.IDMessage, Agent: m.Agent})
	}
	for _, m := range k.Messages {
		x.Messages = append(x.Messages, m.IDMessage)
	}
	return json(http.StatusOK, planSuivi, &x), nil
}
