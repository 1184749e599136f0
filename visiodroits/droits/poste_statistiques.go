package droits

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Counters are named by insurer, then by what is counted, then by code or box.
const (
	compteCode          = "CODE"
	compteDementi       = "DEMENTI"
	compteAccreditation = "ACCREDITATION"
	compteDepannage     = "DEPANNAGE"
	compteFacture       = "FACTURE"
	compteDegradee      = "DEGRADEE"
	compteAccreditee    = "ACCREDITEE"
	compteTrace         = "TRACE"
	compteRejet         = "REJET"
	compteLAR           = "LAR"
	compteLARFraiche    = "LARFRAICHE"
	compteDuree         = "DUREE"
	compteAgeLAR        = "AGELAR"
	compteCRL           = "CRL"
	compteCRLFraiche    = "CRLFRAICHE"
	comptePaiement      = "PAIEMENT"
)

func nomCompteur(amc sante.NumeroAMC, quoi, detail string) string {
	return strings.TrimSuffix(amc.String()+"_"+quoi+"_"+detail, "_")
}

// refusVu is the first refusal of a question on a day: what comes next may deny it.
type refusVu struct {
	jour sante.Jour
	code visiodroits.Code
}

const refusVusMax = 4096

// dementi gives the code that new rights deny, or "", and remembers a refusal. It is of the
// memory of the process: what is lost makes an indicator low, never high.
func (p *Poste) dementi(cle string, jour sante.Jour, code visiodroits.Code) visiodroits.Code {
	p.mu.Lock()
	defer p.mu.Unlock()
	avant, vu := p.refus[cle]
	switch {
	case code.Accord() || code == visiodroits.DossierRefuse:
		delete(p.refus, cle)
		if vu && avant.jour == jour {
			return avant.code
		}
	case !vu || avant.jour != jour:
		if len(p.refus) >= refusVusMax {
			clear(p.refus)
		}
		p.refus[cle] = refusVu{jour, code}
	}
	return ""
}

// compter counts a question that ended. A question asked again in the background counts
// when it is answered.
func (x *examen) compter(l *Lot, v *Vente) error {
	amc, jour := v.AMC, x.jour
	var err error
	un := func(quoi, detail string) { err = errors.Join(err, l.Compter(jour, nomCompteur(amc, quoi, detail), 1)) }
	un(compteCode, string(v.Code))
	if c := x.p.dementi(l.m.cle(x.personne, amc), jour, v.Code); c != "" {
		un(compteDementi, string(c))
	}
	if x.crl.controles > 0 {
		err = errors.Join(err, l.Compter(jour, nomCompteur(amc, compteCRL, ""), x.crl.controles), l.Compter(jour, nomCompteur(amc, compteCRLFraiche, ""), x.crl.fraiches))
	}
	un(compteDuree, casier(visiodroits.EnMillisecondes, x.p.o.Horloge().Sub(x.debut).Milliseconds()))
	if v.Code == visiodroits.Fournis || v.Code == visiodroits.DossierRefuse {
		un(compteAccreditation, "")
		if v.Accreditation.a.Type == Depannage {
			un(compteDepannage, "")
		}
	}
	return err
}

// casier is the box of a value in a scale.
func casier(e visiodroits.Echelle, v int64) string {
	i, _ := slices.BinarySearch(e.Bornes(), v)
	return strconv.Itoa(i)
}

// compterLAR counts a control in a list of revoked accreditations.
func compterLAR(l *Lot, jour sante.Jour, amc sante.NumeroAMC, liste *LAR, a time.Time) error {
	err := l.Compter(jour, nomCompteur(amc, compteLAR, ""), 1)
	if liste == nil {
		return err
	}
	if !liste.Perimee(a) {
		err = errors.Join(err, l.Compter(jour, nomCompteur(amc, compteLARFraiche, ""), 1))
	}
	heures := int64((a.Sub(liste.entete.Emission) + time.Hour - 1) / time.Hour)
	return errors.Join(err, l.Compter(jour, nomCompteur(amc, compteAgeLAR, casier(visiodroits.EnHeures, heures)), 1))
}

// NoterFacture counts an invoice made from a sale; recuGarde tells that the software stored
// its receipt with it.
func (p *Poste) NoterFacture(v *Vente, recuGarde bool) error {
	noms := []string{compteFacture}
	if v.Degrade != nil {
		noms = append(noms, compteDegradee)
	}
	if !v.Accreditation.IsZero() {
		noms = append(noms, compteAccreditee)
		if recuGarde {
			noms = append(noms, compteTrace)
		}
	}
	return p.noter(v.AMC, noms...)
}

// NoterRejet counts an accredited invoice that was rejected later than in the answer of
// EnvoyerLot, which counts its own.
func (p *Poste) NoterRejet(amc sante.NumeroAMC) error { return p.noter(amc, compteRejet) }

// NoterPaiement counts a payment, so many days after its invoice.
func (p *Poste) NoterPaiement(amc sante.NumeroAMC, jours int) error {
	return p.noter(amc, comptePaiement+"_"+casier(visiodroits.EnJours, int64(jours)))
}

func (p *Poste) noter(amc sante.NumeroAMC, noms ...string) error {
	jour := sante.JourA(p.o.Horloge(), sante.Paris())
	return p.o.Magasin.Ecrire(func(l *Lot) (err error) {
		for _, n := range noms {
			err = errors.Join(err, l.Compter(jour, nomCompteur(amc, n, ""), 1))
		}
		return err
	})
}

// Statistiques are the counters of a day, of all insurers. ref: VISIO §12
func (p *Poste) Statistiques(jour sante.Jour) (*visiodroits.Statistiques, error) {
	lignes, err := p.lignes(jour)
	if err != nil {
		return nil, err
	}
	s := &visiodroits.Statistiques{Jour: jour, NumeroFacturation: p.o.PS.NumeroFacturation, Poste: p.o.Magasin.Poste(), Lignes: lignes}
	if err := s.Valider(); err != nil {
		return nil, fmt.Errorf("statistiques du %s: %w", jour, err)
	}
	return s, nil
}

// lignes are the counters of a day, by insurer.
func (p *Poste) lignes(jour sante.Jour) (l []visiodroits.LigneStatistique, err error) {
	compteurs, err := p.o.Magasin.Compteurs(jour)
	if err != nil {
		return nil, err
	}
	lignes := map[string]*visiodroits.LigneStatistique{}
	for nom, n := range compteurs {
		m := strings.Split(nom, "_")
		amc, err := sante.ParseNumeroAMC(m[0])
		if err != nil || len(m) < 2 { // a counter of the software's own
			continue
		}
		if lignes[m[0]] == nil {
			lignes[m[0]] = &visiodroits.LigneStatistique{NumeroAMC: amc}
		}
		ajouter(&lignes[m[0]].Totaux, m[1], strings.Join(m[2:], "_"), n)
	}
	for _, x := range lignes {
		l = append(l, *x)
	}
	slices.SortFunc(l, func(a, b visiodroits.LigneStatistique) int {
		return strings.Compare(a.NumeroAMC.String(), b.NumeroAMC.String())
	})
	return l, nil
}

// ajouter puts a counter where it goes.
func ajouter(t *visiodroits.Totaux, quoi, detail string, n int64) {
	simples := map[string]*int64{compteAccreditation: &t.Accreditations, compteDepannage: &t.Depannages, compteFacture: &t.Factures,
		compteDegradee: &t.FacturesDegradees, compteAccreditee: &t.FacturesAccreditees, compteTrace: &t.FacturesAvecTrace,
		compteRejet: &t.RejetsAccredites, compteLAR: &t.LARControles, compteLARFraiche: &t.LARFraiches,
		compteCRL: &t.CRLControles, compteCRLFraiche: &t.CRLFraiches}
	casiers := map[string]struct {
		h **visiodroits.Histogramme
		e visiodroits.Echelle
	}{compteDuree: {&t.Durees, visiodroits.EnMillisecondes}, compteAgeLAR: {&t.AgesLAR, visiodroits.EnHeures}, comptePaiement: {&t.DelaisPaiement, visiodroits.EnJours}}
	switch c, ok := casiers[quoi]; {
	case simples[quoi] != nil:
		*simples[quoi] += n
	case quoi == compteCode:
		t.Codes = compterCode(t.Codes, detail, n)
	case quoi == compteDementi:
		t.Dementis = compterCode(t.Dementis, detail, n)
	case ok:
		i, err := strconv.Atoi(detail)
		if err != nil || i < 0 || i > len(c.e.Bornes()) {
			return
		}
		if *c.h == nil {
			*c.h = &visiodroits.Histogramme{Echelle: c.e, Casiers: make([]int64, len(c.e.Bornes())+1)}
		}
		(*c.h).Casiers[i] += n
	}
}

// compterCode puts a count in the order of the codes.
func compterCode(l []visiodroits.Compte, code string, n int64) []visiodroits.Compte {
	c := visiodroits.Compte{Code: visiodroits.CodeVu(code), Nombre: n}
	i, _ := slices.BinarySearchFunc(l, c, func(a, b visiodroits.Compte) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return slices.Insert(l, i, c)
}
