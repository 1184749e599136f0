package droits

import (
	"context"
	"errors"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// situer says where an exchange stopped. None of its answers is 200: a link that is cut
// says nothing of what the insurer opens. The error is what is not of the degraded mode.
// ref: VISIO §8.1, §14 // hyp: VISIO-COUPURE
func (x *examen) situer(ctx context.Context, err error, relaye bool) (e *echec, autre error) {
	defer func() {
		if e != nil {
			e.cause = err
		}
	}()
	var r *roc.Refus
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err()
	case errors.As(err, &r) && r.Distant:
		return x.refusDistant(r, relaye), nil
	case errors.As(err, &r): // found here: a server or an answer that is not believed
		classe := ErreurReponse
		if r.Code == roc.CertificatRefuse {
			classe = ErreurTLS
		}
		return x.echec(x.voisin(relaye), classe, relaye, r.Detail), nil
	case !errors.Is(err, roc.ErrSansReponse):
		return nil, err
	}
	classe := Classer(err)
	if classe != ErreurReponse && classe != ErreurTLS && !errors.Is(err, syscall.ECONNREFUSED) {
		if e := x.p.horsLigne(ctx, x.p.temoins(x.service)); e != nil {
			return x.echec(visiodroits.PosteHorsLigne, classe, relaye, ""), nil
		}
	}
	return x.echec(x.voisin(relaye), classe, relaye, ""), nil
}

// voisin is the code of a next hop that does not answer: the concentrator, else the
// operator that stands before the insurer, else the insurer.
func (x *examen) voisin(relaye bool) visiodroits.Code {
	switch {
	case relaye:
		return visiodroits.OCTInjoignable
	case x.operateur():
		return visiodroits.OperateurInjoignable
	}
	return visiodroits.ServiceIndisponible
}

// operateur tells whether an operator stands at the address of the service: the one that
// answers for the insurer, or the one that carries to it and is mandated to replace it.
func (x *examen) operateur() bool {
	return x.service != nil && (x.service.Operateur != "" || x.service.Depanneur(x.jour) != "")
}

// refusDistant places a technical or security refusal that came under a seal. A relay says
// T020 or T011 of who comes after it, and any other code of itself; the recipient speaks of
// itself. Whoever is at fault, nobody answered on the rights: earlier ones serve as the rule
// lets them, and who must mend is named. ref: VISIO §8.1, §8.3, §14 // hyp: VISIO-REFUS
func (x *examen) refusDistant(r *roc.Refus, relaye bool) *echec {
	apres := r.Code == roc.PanneRelais || r.Code == roc.DelaiInterne
	code := visiodroits.ServiceIndisponible
	switch {
	case x.recipiendaire(r.Structure):
	case relaye && r.Structure == x.p.o.OCT.Structure && !apres:
		code = visiodroits.OCTInjoignable
	case relaye && r.Structure == x.p.o.OCT.Structure && x.operateur():
		code = visiodroits.OperateurInjoignable
	case r.Structure == string(x.service.ScelleurDepannage(x.jour)) && !apres:
		code = visiodroits.OperateurInjoignable
	}
	e := x.echec(code, ErreurReponse, relaye, string(r.Code)+" "+r.Code.Libelle())
	e.refus = r.Code
	return e
}

// recipiendaire tells whether a structure answers for the insurer.
func (x *examen) recipiendaire(structure string) bool {
	return slices.Contains(x.service.Structures, visiodroits.Structure(structure))
}

func (x *examen) echec(code visiodroits.Code, classe ClasseErreur, relaye bool, detail string) *echec {
	adresse := x.service.Adresse
	if relaye {
		adresse = x.p.o.OCT.Adresse
	}
	hote, _ := HoteDe(adresse)
	return &echec{code: code, classe: classe, hote: hote, detail: detail}
}

// temoinsMax bounds the servers that are tried to know whether the workstation is off line.
const (
	temoinsMax  = 6
	delaiTemoin = 1500 * time.Millisecond
)

// temoins are servers that have nothing in common: if none can be joined, the link that
// is cut is the workstation's.
func (p *Poste) temoins(s *visiodroits.ServiceTrouve) []string {
	var l []string
	vus := map[string]bool{}
	ajouter := func(adresse string) {
		if _, err := HoteDe(adresse); err == nil && !vus[adresse] && len(l) < temoinsMax {
			vus[adresse] = true
			l = append(l, adresse)
		}
	}
	if p.o.OCT != nil {
		ajouter(p.o.OCT.Adresse)
	}
	if s != nil {
		ajouter(s.Adresse)
	}
	for _, m := range p.o.Miroirs {
		ajouter(m)
	}
	a := p.o.Horloge()
	jour := sante.JourA(a, sante.Paris())
	for x := range p.o.Classeur.Services(a) {
		if len(l) >= temoinsMax {
			break
		}
		if x.Statut == visiodroits.Ouvert && jour >= x.Debut && (x.Fin == 0 || jour <= x.Fin) {
			ajouter(x.Adresse)
		}
	}
	return l
}

// horsLigne tries all the servers at once: nil when one of them is there, were it only to
// refuse, else how the first of them failed.
func (p *Poste) horsLigne(ctx context.Context, temoins []string) error {
	ctx, fin := context.WithTimeout(context.WithoutCancel(ctx), delaiTemoin)
	defer fin()
	erreurs := make([]error, len(temoins))
	var tous sync.WaitGroup
	for i, t := range temoins {
		tous.Go(func() {
			if erreurs[i] = p.o.Transport.Joindre(ctx, t); erreurs[i] == nil || errors.Is(erreurs[i], syscall.ECONNREFUSED) {
				erreurs[i] = nil
				fin()
			}
		})
	}
	tous.Wait()
	if len(temoins) == 0 || slices.Contains(erreurs, nil) {
		return nil
	}
	return erreurs[0]
}
