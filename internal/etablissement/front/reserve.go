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

// ReservesVue is a page of what returns said without effect.
type ReservesVue struct {
	Reserves []ReserveVue `fil:"reserves,opt,n=0..1000" doc:"Réserves, la plus ancienne d'abord"`
	Suite    string       `fil:"suite,opt" doc:"À rappeler dans « apres » pour la page suivante ; absent à la dernière"`
}

// ReserveVue is what a return said of an invoice without effect.
type ReserveVue struct {
	Cle      string                     `fil:"cle,max=50" doc:"Clé de la réserve ; sans ce qui suit le point, elle vaut pour tout le retour"`
	Recu     time.Time                  `fil:"recu" doc:"Instant du retour"`
	Retour   string                     `fil:"retour,max=20" doc:"Numéro du retour, chez l'AMC"`
	AMC      string                     `fil:"amc,max=20" doc:"AMC qui l'a scellé"`
	Nature   roc.NatureRetour           `fil:"nature" doc:"Ce que le retour annonce"`
	Facture  string                     `fil:"facture,max=20" doc:"Facture, comme le retour la nomme"`
	Lot      string                     `fil:"lot,max=20" doc:"Lot, comme le retour le nomme"`
	Etat     roc.EtatFacture            `fil:"etat" doc:"État annoncé"`
	Code     roc.Code                   `fil:"code,opt" doc:"Code de l'AMC"`
	Montant  sante.Montant              `fil:"montant,opt" doc:"Part payée par ce retour"`
	DejaPaye sante.Montant              `fil:"dejaPaye,opt" doc:"Part payée auparavant, selon l'AMC"`
	Virement string                     `fil:"virement,opt,max=35" doc:"Référence du virement"`
	Cause    etablissement.CauseReserve `fil:"cause" doc:"Pourquoi il est sans effet"`
	Constat  string                     `fil:"constat,max=700" doc:"Ce qui est arrivé"`
	QuiAgit  string                     `fil:"quiAgit,max=100" doc:"Qui doit agir"`
	AFaire   string                     `fil:"aFaire,max=500" doc:"Ce qu'il faut faire"`
	Levee    *LeveeVue                  `fil:"levee,opt" doc:"Comment une personne l'a levée ; absent tant qu'elle attend"`
}

// LeveeVue is how a reserve ended.
type LeveeVue struct {
	Instant time.Time `fil:"instant" doc:"Quand"`
	Par     string    `fil:"par,max=40" doc:"Qui, par son pseudonyme"`
	Motif   string    `fil:"motif,max=200" doc:"Pourquoi"`
}

// LeveeDemande settles reserves.
type LeveeDemande struct {
	Motif string `fil:"motif,min=1,max=200" doc:"Ce qui a été fait ou convenu, sans donnée du patient"`
}

var (
	planReserves = trame.Pour[ReservesVue](espace)
	planLevee    = trame.Pour[LeveeDemande](espace)
)

func reserveVue(r *etablissement.Reserve) ReserveVue {
	c := r.Consigne()
	v := ReserveVue{Cle: r.Cle(), Recu: r.Instant, Retour: r.Retour, AMC: r.AMC, Nature: r.Nature, Facture: r.Facture, Lot: r.Lot, Etat: r.Etat, Code: r.Code,
		Montant: r.Montant, DejaPaye: r.DejaPaye, Virement: r.Virement, Cause: r.Cause, Constat: c.Constat, QuiAgit: c.QuiAgit, AFaire: c.AFaire}
	if r.Levee != nil {
		v.Levee = &LeveeVue{r.Levee.Instant, r.Levee.Par, r.Levee.Motif}
	}
	return v
}

func reservesVue(l []etablissement.Reserve) (v []ReserveVue) {
	for i := range l {
		v = append(v, reserveVue(&l[i]))
	}
	return v
}

// reservesPage is how many reserves a page has when the caller does not say.
const reservesPage = 200

func (f *Front) reserves(d *demande) (*reponse, error) {
	q := d.URL.Query()
	k := etablissement.FiltreReserves{Facture: q.Get("facture"), Levees: q.Get("levees") == "oui", Apres: q.Get("apres"), Max: reservesPage}
	if s := q.Get("max"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 500 {
			return nil, &probleme{statut: http.StatusBadRequest, titre: "Nombre illisible", detail: "« max » est un nombre, de 1 à 500."}
		}
		k.Max = n
	}
	l, err := f.service.ListerReserves(d.Context(), k)
	if err != nil {
		return nil, err
	}
	x := ReservesVue{Reserves: reservesVue(l)}
	if len(l) == k.Max {
		x.Suite = l[len(l)-1].Cle()
	}
	return json(http.StatusOK, planReserves, &x), nil
}

func (f *Front) lever(d *demande) (*reponse, error) {
	o, err := d.ordre(false)
	if err != nil {
		return nil, err
	}
	k, err := decoder(d, planLevee)
	if err != nil {
		return nil, err
	}
	l, err := f.service.LeverReserves(d.Context(), o, d.PathValue("cle"), k.Motif)
	if err != nil {
		return nil, err
	}
	return json(http.StatusOK, planReserves, &ReservesVue{Reserves: reservesVue(l)}), nil
}
