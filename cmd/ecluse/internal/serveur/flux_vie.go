package serveur

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// vies keeps the lives of the fluxes of a party, and finds the leaf of its journal
// that proves each state.
type vies struct {
	st      *achstore.Store
	feuille func(ctx context.Context, idMessage string) (string, error)
	horloge sante.Horloge
}

// feuilleDe finds a leaf of the journal of a party, "" when there is none.
func (p *Processus) feuilleDe(tenant string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, idMessage string) (string, error) {
		if p.journaux == nil || p.journaux.par[tenant] == nil || idMessage == "" {
			return "", nil
		}
		l, err := p.journaux.par[tenant].Trouver(ctx, journal.Critere{IDMessage: idMessage})
		if err != nil || len(l) == 0 {
			return "", err
		}
		return l[len(l)-1].Hash.Hex(), nil // the emission that was answered
	}
}

// fluxFacture names an invoice and fluxLot a batch, in the alphabet of a key. A
// hospital is named by an insurer only.
func fluxFacture(numero string, annee int) string {
	return "F." + strconv.Itoa(annee) + "." + enCle(numero)
}

func fluxLot(finess, numero string) string { return "L." + finess + "." + enCle(numero) }

// enCle writes a number of invoice, which may hold anything, in the alphabet of a
// key; a very long one by its digest.
func enCle(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "~%02X", c)
		}
	}
	if b.Len() > 90 {
		h := sha256.Sum256([]byte(s))
		return "~~" + hex.EncodeToString(h[:])
	}
	return b.String()
}

func texteID(id roc.UUID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// viesES is etablissement.Vie.
type viesES struct{ vies }

// Noter writes states of invoices and of batches.
func (v viesES) Noter(ctx context.Context, l ...etablissement.Jalon) error {
	j := make([]acheminement.Jalon, len(l))
	for i := range l {
		x := &l[i]
		flux := fluxLot("", x.Lot)
		if x.Facture != "" {
			flux = fluxFacture(x.Facture, x.Annee)
		}
		j[i] = acheminement.Jalon{Flux: flux, Etat: acheminement.EtatFlux(x.Etat), Auteur: x.Auteur, Code: string(x.Code), Message: texteID(x.IDMessage), Instant: x.Instant}
	}
	return v.st.Noter(ctx, j...)
}

// anneesVie is how far back invoices are looked for: as long as they are kept.
const anneesVie = 12

// De reads the lives of a number.
func (v viesES) De(ctx context.Context, numero string) ([]etablissement.Jalon, error) {
	var tous []etablissement.Jalon
	an := sante.JourA(v.horloge(), sante.Paris()).Annee() + 1 // an overseas day may be of the next year
	for annee := an - anneesVie; annee <= an; annee++ {
		l, err := v.lire(ctx, fluxFacture(numero, annee), etablissement.Jalon{Facture: numero, Annee: annee})
		if err != nil {
			return nil, err
		}
		tous = append(tous, l...)
	}
	l, err := v.lire(ctx, fluxLot("", numero), etablissement.Jalon{Lot: numero})
	return append(tous, l...), err
}

func (v vies) lire(ctx context.Context, flux string, modele etablissement.Jalon) ([]etablissement.Jalon, error) {
	l, err := v.st.Jalons(ctx, flux)
	if err != nil {
		return nil, err
	}
	r := make([]etablissement.Jalon, len(l))
	for i, j := range l {
		x := modele
		x.Etat, x.Auteur, x.Code, x.Instant = roc.EtatFacture(j.Etat), j.Auteur, roc.Code(j.Code), j.Instant
		if j.Message != "" {
			if x.IDMessage, err = roc.ParseUUID(j.Message); err != nil {
				return nil, err
			}
		}
		if x.Feuille, err = v.feuille(ctx, j.Message); err != nil {
			return nil, err
		}
		r[i] = x
	}
	return r, nil
}

// viesAMC is liquidation.Vie.
type viesAMC struct{ vies }

// Noter writes states of batches.
func (v viesAMC) Noter(ctx context.Context, l ...liquidation.Jalon) error {
	j := make([]acheminement.Jalon, len(l))
	for i := range l {
		x := &l[i]
		j[i] = acheminement.Jalon{Flux: fluxLot(x.Finess.String(), x.Lot), Etat: acheminement.EtatFlux(x.Etat), Auteur: x.Auteur, Code: string(x.Code),
			Message: texteID(x.IDMessage), Instant: x.Instant}
	}
	return v.st.Noter(ctx, j...)
}

// factureAMC joins the moves of an invoice to the states of its batch that are those
// of each of its invoices.
func (v vies) factureAMC(ctx context.Context, livre *liqstore.Store, amc string, f *liquidation.Facture) ([]etablissement.Jalon, error) {
	un := etablissement.Jalon{Facture: f.Numero, Annee: f.Annee, Lot: f.Lot}
	lot, err := v.lire(ctx, fluxLot(f.Finess.String(), f.Lot), un)
	if err != nil {
		return nil, err
	}
	var l []etablissement.Jalon
	feuille := ""
	for _, j := range lot {
		if j.Etat == roc.FactureEnvoyee || j.Etat == roc.FactureRecue {
			l, feuille = append(l, j), j.Feuille
		}
	}
	moments, err := livre.Moments(ctx, f)
	if err != nil {
		return nil, err
	}
	for _, m := range moments {
		un.Etat, un.Auteur, un.Code, un.Instant, un.Feuille = m.Apres.Notification(), amc, m.Code, m.Instant, ""
		if m.Instant.Equal(f.Recue) {
			un.Feuille = feuille // decided in the transaction of the batch
		}
		un.IDMessage = roc.UUID{}
		if m.Retour == "" {
			l = append(l, un)
			continue
		}
		suite, err := v.retourAMC(ctx, livre, un, m.Retour)
		if err != nil {
			return nil, err
		}
		l = append(l, suite...)
	}
	return l, nil
}

// chezAMC is the life of an invoice in the book of an insurer, its moves and what its
// batch went through, or that of a batch.
func (v vies) chezAMC(ctx context.Context, livre *liqstore.Store, amc, finess, numero string) ([]etablissement.Jalon, error) {
	emetteurs, err := livre.Emetteurs(ctx)
	if finess != "" {
		f, err := sante.ParseFINESS(finess)
		if err != nil {
			return nil, fmt.Errorf("--finess : %w", err)
		}
		emetteurs = []sante.FINESS{f}
	}
	if err != nil {
		return nil, err
	}
	var tous []etablissement.Jalon
	for _, es := range emetteurs {
		factures, err := livre.Homonymes(ctx, es, numero)
		if err != nil {
			return nil, err
		}
		for _, f := range factures {
			l, err := v.factureAMC(ctx, livre, amc, f)
			if err != nil {
				return nil, err
			}
			tous = append(tous, l...)
		}
		l, err := v.lire(ctx, fluxLot(es.String(), numero), etablissement.Jalon{Lot: numero})
		if err != nil {
			return nil, err
		}
		tous = append(tous, l...)
	}
	return tous, nil
}

// retourAMC is a move that a return told, and the acknowledgement of that return
// when it ends the invoice.
func (v vies) retourAMC(ctx context.Context, livre *liqstore.Store, un etablissement.Jalon, numero string) ([]etablissement.Jalon, error) {
	r, err := livre.Retour(ctx, numero)
	if err != nil || r == nil {
		return []etablissement.Jalon{un}, err
	}
	un.IDMessage = r.IDMessage
	if un.Feuille, err = v.feuille(ctx, texteID(r.IDMessage)); err != nil {
		return nil, err
	}
	l := []etablissement.Jalon{un}
	if !r.Acquitte.IsZero() && (un.Etat == roc.FacturePayee || un.Etat == roc.FactureRejetee) {
		un.Etat, un.Auteur, un.Code, un.Instant = roc.FactureAcquittee, r.Finess.String(), r.Code, r.Acquitte
		l = append(l, un)
	}
	return l, nil
}

// VieDe is the life of the invoices and batches of a number, as a party tells it, and what to
// do of those whose payment is late. At an insurer finess names the hospital, "" for all.
func (p *Processus) VieDe(ctx context.Context, tenant, finess, numero string) ([]etablissement.Jalon, []etablissement.Consigne, error) {
	v := vies{achstore.New(p.Base, tenant), p.feuilleDe(tenant), p.Horloge}
	if amc, ok := strings.CutPrefix(tenant, TenantAMC("")); ok {
		l, err := v.chezAMC(ctx, liqstore.New(p.Base, tenant), amc, finess, numero)
		return l, nil, err
	}
	if !strings.HasPrefix(tenant, TenantEtablissement("")) {
		return nil, nil, nil
	}
	l, err := viesES{v}.De(ctx, numero)
	if err != nil || len(l) == 0 {
		return nil, nil, err
	}
	s, err := p.ServiceDuLocataire(tenant)
	if err != nil {
		return l, nil, err
	}
	aFaire, err := s.EnRetard(ctx, numero)
	return l, aFaire, err
}
