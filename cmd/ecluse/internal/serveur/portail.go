package serveur

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	accrfront "github.com/ecluse-sante/ecluse/internal/accreditation/front"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	gatestore "github.com/ecluse-sante/ecluse/internal/gate/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// ouvrirPortail opens the exchange's listener. Parties join it afterwards.
func (p *Processus) ouvrirPortail(context.Context) error {
	m := gatestore.New(p.Base)
	p.Portail = &gate.Portail{
		Ouvreur: sceau.Ouvreur{Juge: p.Magasin, Relais: roc.BlocChaine, Limite: p.Fichier.Ecoute.MessageMax}, Juge: p.Magasin,
		Cercle: cercleGate{p.Cercle}, Vigie: p.vigie, Memoire: m, Journal: p.journaux,
		Base: gatestore.Transactions{Base: p.Base}, Horloge: p.Horloge, Log: p.Log,
	}
	p.tache(time.Hour, func(ctx context.Context) {
		if _, err := m.Oublier(ctx, p.Horloge().Add(-p.Fichier.Conservation.Messages.Duration())); err != nil {
			p.Log.Warn("mémoire des messages non purgée", "erreur", err)
		}
	})
	if !p.Fichier.SertLEchange() {
		return nil
	}
	serveur, err := p.paire(config.Cle{Certificat: p.Fichier.Ecoute.Certificat, Cle: p.Fichier.Ecoute.Cle})
	if err != nil {
		return err
	}
	p.serveur = serveur
	l := gate.Limites{Message: p.Fichier.Ecoute.MessageMax, Lecture: p.Fichier.Ecoute.DelaiLecture.Duration(), Reponse: p.Fichier.Ecoute.DelaiReponse.Duration()}
	s := p.Portail.Serveur(l, p.guet(p.routes(l)), p.Portail.TLS(serveur, p.Magasin.Pool()))
	if err := p.ecouter("échange", p.Fichier.Ecoute.Adresse, s, true); err != nil {
		return err
	}
	if p.Fichier.Tiers != nil { // only its lists are read without a certificate
		p.Kiosque = &visiodroits.Kiosque{}
		mux := http.NewServeMux()
		accrfront.RoutesListes(mux, droits.Norme.Racine, p.Kiosque, p.Horloge)
		return p.ecouter("listes", p.Fichier.Tiers.Listes, p.Portail.Serveur(l, mux, p.Portail.TLSOuvert(serveur, p.Magasin.Pool())), true)
	}
	if p.Fichier.Ecoute.Ouverte == "" {
		return nil
	}
	// Professionals outside the hospital may show no certificate: a door of its own, with
	// nothing else behind it. ref: VISIO §9.1
	mux := http.NewServeMux()
	p.Portail.Routes(mux, droits.Norme, l, droits.Publication)
	p.Kiosque = &visiodroits.Kiosque{}
	accrfront.RoutesListes(mux, droits.Norme.Racine, p.Kiosque, p.Horloge)
	accrfront.RoutesLAR(mux, droits.Norme.Racine, larDuProcessus{p}, p.Horloge)
	h, err := p.miroir(mux)
	if err != nil {
		return err
	}
	if err := p.ecouter("droits", p.Fichier.Ecoute.Ouverte, p.Portail.Serveur(l, p.guet(accrfront.Borner(h)), p.Portail.TLSOuvert(serveur, p.Magasin.Pool())), true); err != nil {
		return err
	}
	// Who may connect without showing anything must not use up what the process may open.
	e := p.ecoutes[len(p.ecoutes)-1]
	tous := max(p.Fichier.Ecoute.Connexions, 1)
	e.l = netutil.LimitListener((&gate.Places{Tous: tous, ParPair: max(tous/8, 1)}).Ecouter(e.l), tous) // hyp: VIGIE-ANONYMES
	return nil
}

func (p *Processus) routes(l gate.Limites) http.Handler {
	mux := http.NewServeMux()
	p.Portail.Routes(mux, tarif.Norme, l, tarif.Publication)
	if p.Fichier.Tarif != nil { // nothing else is served beside pricing
		return mux
	}
	p.Portail.Routes(mux, roc.ROC, l, roc.Publication)
	p.Portail.Routes(mux, droits.Norme, l, droits.Publication)
	p.routesFichiers(mux)
	mux.Handle("/journal/", p.Portail.Reserver(http.HandlerFunc(p.servirJournal)))
	return mux
}

func (p *Processus) ecouter(nom, adresse string, s *http.Server, avecTLS bool) error {
	l, err := net.Listen("tcp", adresse)
	if err != nil {
		return err
	}
	s.ErrorLog = slog.NewLogLogger(p.Log.Handler(), slog.LevelDebug)
	p.ecoutes = append(p.ecoutes, &Ecoute{nom, s, l, avecTLS})
	p.fermetures = append(p.fermetures, func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return nil
}

// cablerBureau serves the desk that the file asks for.
func (p *Processus) cablerBureau(context.Context) error {
	if p.Fichier.Bureau.Adresse == "" {
		return nil
	}
	if p.bureau == nil {
		return errors.New("aucun bureau n'est ouvert ici : retirer sa clé « adresse » de la configuration")
	}
	h, err := p.bureau(p)
	if err != nil {
		return err
	}
	_, err = p.EcouterBureau(p.Fichier.Bureau.Adresse, h)
	return err
}

// EcouterBureau opens the listener of a desk. Opened once the process is served, nobody but
// the caller serves it.
func (p *Processus) EcouterBureau(adresse string, h http.Handler) (*Ecoute, error) {
	if err := p.ecouter("bureau", adresse, serveurSimple(h), false); err != nil {
		return nil, err
	}
	return p.ecoutes[len(p.ecoutes)-1], nil
}
