package serveur

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/alerte"
	vigiestore "github.com/ecluse-sante/ecluse/internal/vigie/store"
	"github.com/ecluse-sante/ecluse/sante"
)

// ouvrirVigie starts quotas, fairness and security events. ref: DEC 23, 29
func (p *Processus) ouvrirVigie(context.Context) error {
	ecrivains := []alerte.Ecrivain{alerte.Journal{Log: p.Log}}
	if a := p.Fichier.Vigie.Syslog; a != "" {
		hote, _ := os.Hostname()
		if c, ok := strings.CutPrefix(a, "fichier:"); ok {
			a = "file://" + p.Fichier.Resoudre(c)
		}
		s, err := alerte.OuvrirSyslog(a, hote, p.version, &tls.Config{MinVersion: tls.VersionTLS12})
		if err != nil {
			return err
		}
		ecrivains = append(ecrivains, s)
	}
	d := alerte.NewDiffuseur(func(err error) { p.Log.Warn("événement de sécurité non transmis", "erreur", err) }, ecrivains...)
	v := p.Fichier.Vigie
	bornes, err := p.bornes()
	if err != nil {
		return err
	}
	g := vigie.NewGarde(vigie.Parametres{DebitParMinute: v.ParMinute, DroitsParMinute: v.Droits, RelaisParMinute: v.Relais, SuspectesMin: v.SuspectMin,
		RelaisSuspectesMin: v.RelaisMin, SuspectesPourCent: v.Suspect, EssaisAdherent: v.ParAdherent},
		vigiestore.NewCompteurs(p.Base), d)
	p.vigie = vigieGate{garde: g, alertes: d, horloge: p.Horloge, bornes: bornes,
		admission: vigie.NewAdmission(vigie.ParametresAdmission{EnService: v.EnService * runtime.GOMAXPROCS(0), AttenteParPartenaire: v.FileParPair}, d, p.Horloge),
		anonymes:  vigie.NewAdmission(anonymes(v.Anonymes*runtime.GOMAXPROCS(0)), d, p.Horloge)}
	p.taches = append(p.taches, d.Tourner, func(ctx context.Context) {
		g.Tourner(ctx, time.Second, p.Horloge, func(err error) { p.Log.Warn("compteurs non partagés", "erreur", err) })
	})
	k, err := secret(p.cheminJournal("adherents.pseudonymes"))
	if err != nil {
		return err
	}
	p.pseudos, err = vigie.NewPseudonymes(k)
	return err
}

// bornes are the dated bounds, those of the program unless the configuration has others.
func (p *Processus) bornes() (vigie.Bornes, error) {
	if p.Fichier.Vigie.Bornes == "" {
		return vigie.BornesPubliees()
	}
	f, err := os.Open(p.Fichier.Resoudre(p.Fichier.Vigie.Bornes))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l, err := vigie.LireBornes(f)
	if err != nil {
		return nil, fmt.Errorf("%s : %w", p.Fichier.Vigie.Bornes, err)
	}
	return l, nil
}

// borne is a dated bound of one value; 0 on a day for which the table has none.
func (p *Processus) borne(nom vigie.NomBorne) func(sante.Jour) int {
	return func(j sante.Jour) int {
		if l := p.vigie.bornes.A(nom, j); len(l) > 0 {
			return l[0]
		}
		return 0
	}
}

// anonymes bounds those who show no certificate, beside the partners and never among
// them. hyp: VIGIE-ANONYMES
func anonymes(places int) vigie.ParametresAdmission {
	return vigie.ParametresAdmission{EnService: places, AttenteParPartenaire: 8, AttenteTotale: 128, PartPourCent: 25, Partenaires: 1024,
		AttendreMax: 10 * time.Second, Nom: "sans certificat"}
}
