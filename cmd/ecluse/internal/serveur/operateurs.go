package serveur

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// mandatsDe are the mandates of dépannage that an insurer gave.
func mandatsDe(l []config.MandatDepannage) ([]visiodroits.Mandat, error) {
	var r []visiodroits.Mandat
	for i := range l {
		debut, fin, err := l[i].Periode()
		if err != nil {
			return nil, fmt.Errorf("mandat : %w", err)
		}
		r = append(r, visiodroits.Mandat{Operateur: visiodroits.Emetteur(l[i].Operateur), Debut: debut, Fin: fin, Structure: visiodroits.Structure(l[i].Structure)})
	}
	return r, nil
}

// mandatDuJour is the one that an insurer publishes on a day, since an entry holds one: the
// last that began, over or not, or else the first to come; nil without any.
func mandatDuJour(l []visiodroits.Mandat, jour sante.Jour) (x *visiodroits.Mandat) {
	for i := range l {
		m := &l[i]
		commence := m.Debut <= jour
		switch {
		case x == nil, commence && (x.Debut > jour || m.Debut > x.Debut), !commence && x.Debut > jour && m.Debut < x.Debut:
			x = m
		}
	}
	return x
}

// relireListes is how often an insurer asks whether an operator published something: more
// often than workstations, since invoices wait for it.
const relireListes = time.Hour

// listesSuivies are the signed lists of others that an insurer follows: its third party's,
// and those of the operators that it mandated.
type listesSuivies struct {
	*droits.Veille
	classeur *visiodroits.Classeur
	tiers    *visiodroits.EntreeService // what is known of the third party without its lists; nil without one
	// apres is told that a list changed; it is set before the process runs.
	apres func(ctx context.Context)
}

// suivreListes follows the lists of others for an insurer; nil when there is none. What is
// read is kept under the data of the process.
func (p *Processus) suivreListes(c *config.AMC) (*listesSuivies, error) {
	amc, err := sante.ParseNumeroAMC(c.Numero)
	if err != nil {
		return nil, err
	}
	publies, err := mandatsDe(c.Droits.Mandats)
	if err != nil {
		return nil, err
	}
	x := &listesSuivies{apres: func(context.Context) {}}
	var mandats []droits.Mandat
	var attendus []visiodroits.Attendu
	var sources []droits.SourceLAR
	miroirs := map[visiodroits.Emetteur][]string{} // those of one never delay, nor crowd out, those of another
	for i := range publies {
		n := &publies[i]
		m, err := droits.MandatDe(amc, n)
		if err != nil {
			return nil, fmt.Errorf("mandat : %w", err)
		}
		m.Normales = c.Droits.Mandats[i].Normales
		mandats = append(mandats, m)
		k := slices.IndexFunc(attendus, func(a visiodroits.Attendu) bool { return a.Emetteur == n.Operateur })
		if k < 0 {
			k = len(attendus)
			attendus = append(attendus, visiodroits.Attendu{Genre: visiodroits.GenreCertificats, Emetteur: n.Operateur, Pour: []visiodroits.Emetteur{n.Operateur}})
			sources = append(sources, droits.SourceLAR{Emetteur: m.Operateur})
		}
		attendus[k].Structures = ajouterUnique(attendus[k].Structures, string(n.Structure))
		for _, a := range c.Droits.Mandats[i].Listes {
			sources[k].Adresses = ajouterUnique(sources[k].Adresses, a+droits.Norme.Racine)
		}
		miroirs[n.Operateur] = sources[k].Adresses
	}
	if t := &c.Droits.Tiers; t.ID != "" {
		x.tiers = entreeDuTiers(t)
		for _, g := range []visiodroits.Genre{visiodroits.GenreCertificats, visiodroits.GenreServices} {
			attendus = append(attendus, visiodroits.Attendu{Genre: g, Emetteur: x.tiers.Operateur, Structures: []string{t.Structure}, Pour: []visiodroits.Emetteur{x.tiers.Operateur}})
		}
		for _, a := range t.Listes {
			miroirs[x.tiers.Operateur] = ajouterUnique(miroirs[x.tiers.Operateur], a+droits.Norme.Racine)
		}
	}
	if len(attendus) == 0 {
		return nil, nil
	}
	if x.classeur, err = visiodroits.NouveauClasseur(p.Magasin, attendus...); err != nil {
		return nil, err
	}
	x.Veille, err = p.veiller(c.Numero, droits.OptionsVeille{Classeur: x.classeur, MiroirsDe: miroirs, Mandats: mandats, Periode: relireListes,
		LAR: func(time.Time) ([]droits.SourceLAR, error) { return sources, nil }}, func(ctx context.Context) { x.apres(ctx) })
	if err != nil {
		return nil, fmt.Errorf("listes suivies : %w", err)
	}
	return x, nil
}

// entreeDuTiers is what a configuration says of the third party, as a list of services does.
func entreeDuTiers(t *config.TiersAcces) *visiodroits.EntreeService {
	e := &visiodroits.EntreeService{Service: visiodroits.TAR, Statut: visiodroits.Ouvert, NiveauService: visiodroits.NiveauValorisation, Adresse: t.Adresse, Version: tarif.Norme.Profil,
		Debut: debutListes, Operateur: visiodroits.Emetteur(t.ID), Structures: []visiodroits.Structure{visiodroits.Structure(t.Structure)}}
	for _, x := range t.Empreintes {
		e.Empreintes = append(e.Empreintes, visiodroits.EmpreinteServeur(x))
	}
	return e
}

// acces is where the third party is now, and under which key; the error is of the key alone.
func (x *listesSuivies) acces(a time.Time) (*tarif.Acces, error) {
	return tarif.AccesDuTiers(x.classeur, x.tiers.Operateur, x.tiers, a)
}

// entrees are what an insurer says of the pricing of its prestations: whom to ask, and where
// he is now.
func (x *listesSuivies) entrees(amc sante.NumeroAMC, libelle string, horloge sante.Horloge) func() []visiodroits.EntreeService {
	return func() (l []visiodroits.EntreeService) {
		t, _ := x.acces(horloge()) // without key too, he is there
		for _, s := range []visiodroits.Service{visiodroits.DOS, visiodroits.TAR} {
			e := *x.tiers
			e.NumeroAMC, e.Libelle, e.Service = amc, libelle, s
			e.Adresse, e.Structures, e.Empreintes = t.Adresse, t.Structures, t.Empreintes
			l = append(l, e)
		}
		return l
	}
}

// emetteurs believes what the operators accredited, by their lists and their mandates.
func (x *listesSuivies) emetteurs(horloge sante.Horloge) off.Emetteurs {
	return emetteursSignes{cles: x.Cles, lar: x.LAR, horloge: horloge, liste: func(n sante.NumeroAMC) (visiodroits.EtatListe, bool) {
		for _, e := range x.classeur.Etats(horloge()) {
			m, err := sante.ParseNumeroAMC(string(e.Emetteur))
			if err == nil && e.Genre == visiodroits.GenreCertificats && droits.MemeEmetteur(m, n) {
				return e, true
			}
		}
		return visiodroits.EtatListe{}, false
	}}
}

func ajouterUnique(l []string, s string) []string {
	if slices.Contains(l, s) {
		return l
	}
	return append(l, s)
}

// veiller follows lists for a party, those that are due, and keeps them in a
// file of the data: a restart without network finds them again. apres is called after a
// list changed.
func (p *Processus) veiller(amc string, o droits.OptionsVeille, apres func(ctx context.Context)) (*droits.Veille, error) {
	chemin := p.Fichier.Resoudre(filepath.Join(p.Fichier.Donnees, "listes-"+amc))
	cle, err := secret(chemin + ".secret")
	if err != nil {
		return nil, err
	}
	o.Magasin, err = droits.OuvrirMagasin(chemin+".ecluse", droits.OptionsMagasin{Cle: cle[:32]})
	if errors.Is(err, droits.ErrCleMagasin) { // of another node, or of before a restore: these lists are read again
		p.Log.Warn("listes suivies gardées sous une autre clé : mises de côté, elles se relisent", "fichier", chemin+".ecluse")
		if err = os.Rename(chemin+".ecluse", chemin+".autre-cle"); err == nil {
			o.Magasin, err = droits.OuvrirMagasin(chemin+".ecluse", droits.OptionsMagasin{Cle: cle[:32]})
		}
	}
	if errors.Is(err, droits.ErrMagasinTenu) {
		return nil, fmt.Errorf("%s.ecluse : un autre serveur emploie ce répertoire de données : à l'exploitant d'arrêter l'autre, ou de donner à chacun son `donnees` : %w", chemin, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s.ecluse : %w (le retirer : ces listes se relisent)", chemin, err)
	}
	p.fermetures = append(p.fermetures, o.Magasin.Fermer)
	t := roc.NewTransport(nil, p.Magasin, p.Horloge)
	p.raccrocher = append(p.raccrocher, t.Fermer)
	o.HTTP, o.Horloge = &http.Client{Transport: t, Timeout: 30 * time.Second}, p.Horloge
	v, err := droits.NouvelleVeille(o)
	if errors.Is(err, droits.ErrListesPerdues) {
		p.Log.Warn("listes gardées qui ne sont plus crues, demandées de nouveau", "amc", amc, "erreur", err)
		err = nil
	}
	if err != nil {
		return nil, err
	}
	p.tacheVariable(func(ctx context.Context) time.Duration {
		lues, err := v.Actualiser(ctx)
		if slices.ContainsFunc(lues, func(l visiodroits.Lecture) bool { return l.Change }) {
			apres(ctx)
		}
		for _, l := range lues {
			if l.Erreur != nil && ctx.Err() == nil {
				p.Log.Warn("liste non lue, ce qui en dépend attend", "amc", amc, "liste", l.Genre, "emetteur", l.Emetteur, "erreur", l.Erreur)
			}
		}
		if err != nil {
			p.Log.Error("listes non gardées sur le disque : un redémarrage les oublierait", "amc", amc, "erreur", err)
		}
		return attendreListes(v, p.Horloge())
	})
	return v, nil
}

// attendreListes is how long to sleep before lists are looked at again: until the next that is
// due, a minute at most since the clock may be set meanwhile, a second at least.
func attendreListes(v *droits.Veille, a time.Time) time.Duration {
	prochain, err := v.Prochain(a)
	if err != nil {
		return time.Minute
	}
	return max(time.Second, min(time.Minute, prochain.Sub(a)))
}

// emetteursSignes believes accreditations by the published keys and mandates of those who
// sign them, and by their lists of revoked ones.
type emetteursSignes struct {
	cles func() (*droits.Cles, error)               // published, of all
	lar  func(emetteur sante.NumeroAMC) *droits.LAR // nil when none is held
	// liste is the state of the list of keys of an issuer; false for one who never had a
	// mandate.
	liste   func(emetteur sante.NumeroAMC) (visiodroits.EtatListe, bool)
	horloge sante.Horloge
}

// Verifier implements officine.Emetteurs. A list says nothing of what came after it: an
// unknown key is one to come until a list of a later day does not have it, and what is
// revoked is known once a list is of the eve of the care, for it then tells all that may be
// opposed to it. ref: VISIO §6, §7, §8.2 // hyp: OFFICINE-LISTES
func (x emetteursSignes) Verifier(_ context.Context, s *off.Signee) (droits.Accreditee, off.Revocation, error) {
	var aucune droits.Accreditee
	liste, mandate := x.liste(s.Numero.Emetteur())
	switch {
	case !mandate:
		return aucune, nil, off.ErrInconnue
	case liste.Fraicheur != visiodroits.Fraiche && liste.Fraicheur != visiodroits.EnRetard:
		return aucune, nil, fmt.Errorf("%w : clés, liste %s", off.ErrSansListe, liste.Fraicheur)
	}
	cles, err := x.cles()
	if err != nil {
		return aucune, nil, err
	}
	a, err := droits.VerifierAccreditation(s.Jeton, cles, x.horloge())
	switch {
	case errors.Is(err, droits.ErrCleInconnue) && sante.JourA(liste.DateEmission, sante.Paris()) <= s.Recue:
		return aucune, nil, fmt.Errorf("%w : %w", off.ErrSansListe, err)
	case err != nil:
		return aucune, nil, errors.Join(off.ErrInconnue, err)
	case !mandateLe(cles, a.Accreditation(), s.Soins):
		return aucune, nil, fmt.Errorf("%w : soins d'avant le mandat", off.ErrInconnue)
	}
	lar := x.lar(s.Numero.Emetteur())
	if lar == nil || sante.JourA(lar.Entete().Emission, sante.Paris()) < s.Soins-1 {
		return aucune, nil, fmt.Errorf("%w : accréditations révoquées", off.ErrSansListe)
	}
	return a, revocationListee{lar, s.Numero}, nil
}

// mandateLe tells whether who signed could also have on the day of care, when it is before:
// a mandate gives nothing to what was before it.
func mandateLe(cles *droits.Cles, a droits.Accreditation, soins sante.Jour) bool {
	fin := (soins + 1).Debut(sante.Paris()).Add(-time.Millisecond)
	return fin.After(a.Emission) || cles.PeutEmettre(a.Emetteur(), a.AMC, a.Type, fin)
}

// revocationListee is what a list tells of an accreditation.
type revocationListee struct {
	liste  *droits.LAR
	numero droits.NumeroAccreditation
}

// Opposable implements officine.Revocation.
func (r revocationListee) Opposable(soins sante.Jour) bool {
	motif, err := r.liste.Revoquee(r.numero, soins)
	return err == nil && motif != ""
}
