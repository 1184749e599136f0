package relais_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

func TestTrouver(t *testing.T) {
	autreAdresse := func(d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		r := reponseAnnuaire(d.NumeroAMC)
		if d.Domaine == roc.HospitalSejour {
			r.Points[0].Adresse, r.Points[0].CertificatEmpreinte = "https://sejour.test", []string{"x"}
		}
		return r, nil
	}
	sejourSeul := func(d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		if d.Domaine == roc.HospitalACE {
			return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AucunService, "")}, nil
		}
		return reponseAnnuaire(d.NumeroAMC), nil
	}
	par := func(changer func(*roc.ReponseAnnuaire)) func(d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		return func(d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
			r := reponseAnnuaire(d.NumeroAMC)
			changer(r)
			return r, nil
		}
	}
	jour := sante.JourDe(2026, 3, 2)
	muet := func(*roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) { return nil, errors.New("muet") }
	for _, c := range []struct {
		nom      string
		routes   []relais.Route
		annuaire func(*roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error)
		changer  func(*roc.Enveloppe)
		scelleur string
		ouvert   string // link used; "" when a T020 is expected
		detail   string
	}{
		{"annuaire", nil, nil, nil, structureAMC, adresse, ""},
		{"un seul domaine ouvert", nil, sejourSeul, nil, structureAMC, adresse, ""},
		{"route qui dit tout, annuaire muet", []relais.Route{{Destinataire: "9900????", Adresse: "https://route.test", Structures: []string{structureAMC}}}, muet, nil, structureAMC, "https://route.test", ""},
		{"route, structures de l'annuaire", []relais.Route{{Destinataire: "9900????", Adresse: "https://route.test"}}, nil, nil, structureOTP, "https://route.test", ""},
		{"route, structures de l'annuaire muet", []relais.Route{{Destinataire: "9900????", Adresse: "https://route.test"}}, muet, nil, structureOTP, "", "injoignable"},
		{"route d'une autre AMC", []relais.Route{{Destinataire: "98??????", Adresse: "https://route.test", Structures: []string{structureAMC}}}, nil, nil, structureAMC, adresse, ""},
		{"adresses différentes", nil, autreAdresse, nil, structureAMC, "", "domaine de soins"},
		{"adresses différentes, mais une route", []relais.Route{{Destinataire: "99000001", Adresse: "https://route.test"}}, autreAdresse, nil, structureAMC, "https://route.test", ""},
		{"annuaire muet", nil, muet, nil, structureAMC, "", "injoignable"},
		{"AMC inconnue", nil, par(func(r *roc.ReponseAnnuaire) { r.Retour = roc.RetourDe(roc.AMCInconnue, "") }), nil, structureAMC, "", "A001"},
		{"AMC remplacée", nil, par(func(r *roc.ReponseAnnuaire) { r.NumeroAMCCible, _ = sante.ParseNumeroAMC("99000002") }), nil, structureAMC, "", "service ouvert"},
		{"service fermé hier", nil, par(func(r *roc.ReponseAnnuaire) { r.Points[0].OuvertureFin = jour - 1 }), nil, structureAMC, "", "service ouvert"},
		{"service ouvert demain", nil, par(func(r *roc.ReponseAnnuaire) { r.Points[0].OuvertureDebut = jour + 1 }), nil, structureAMC, "", "service ouvert"},
		{"service absent", nil, nil, func(e *roc.Enveloppe) { e.Service = roc.IDB }, structureAMC, "", "service ouvert"},
		{"destinataire qui n'est pas une AMC", nil, nil, func(e *roc.Enveloppe) { e.Destinataire.Type = roc.Annuaire }, structureAMC, "", "vers une AMC"},
		{"destinataire sans numéro", nil, nil, func(e *roc.Enveloppe) { e.Destinataire.ID = "bonjour" }, structureAMC, "", "vers une AMC"},
		{"mandat fini hier", nil, par(func(r *roc.ReponseAnnuaire) { r.Operateur.MandatFin = jour - 1 }), nil, structureOTP, "", "mandaté"},
		{"mandat pas commencé", nil, par(func(r *roc.ReponseAnnuaire) { r.Operateur.MandatDebut = jour + 1 }), nil, structureOTP, "", "mandaté"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			b := nouveauBanc(t, sceau.REST, relais.Reglages{}, c.routes...)
			if c.annuaire != nil {
				b.annuaire = c.annuaire
			}
			q := b.question(t, c.changer)
			b.poster = func(context.Context, *relais.Envoi) (*relais.Arrivee, error) {
				return &relais.Arrivee{Octets: b.reponse(t, q, c.scelleur, nil)}, nil
			}
			_, refus := b.relayer(q)
			switch {
			case c.ouvert != "" && refus != nil:
				t.Fatal(refus)
			case c.ouvert != "" && !slices.Equal(b.ouverts, []string{c.ouvert}):
				t.Errorf("liens ouverts : %v", b.ouverts)
			case c.ouvert == "" && (refus == nil || refus.Code != roc.PanneRelais || !strings.Contains(refus.Detail, c.detail)):
				t.Errorf("got %v, want T020 « %s »", refus, c.detail)
			}
		})
	}
}

func TestNew(t *testing.T) {
	b := nouveauBanc(t, sceau.REST, relais.Reglages{})
	bon := relais.Parametres{Moi: oct, Juge: b.id.Juge, Courrier: b, Horloge: b.horloge}
	route := relais.Route{Destinataire: "99000001", Adresse: adresse}
	for _, c := range []struct {
		nom    string
		p      func(*relais.Parametres)
		routes []relais.Route
		bon    bool
	}{
		{"sans annuaire ni route", func(*relais.Parametres) {}, nil, true},
		{"route sans structure ni annuaire", func(*relais.Parametres) {}, []relais.Route{route}, false},
		{"route sans structure, annuaire", func(p *relais.Parametres) { p.Annuaire = b }, []relais.Route{route}, true},
		{"route mauvaise", func(p *relais.Parametres) { p.Annuaire = b }, []relais.Route{{}}, false},
		{"rôle d'une AMC", func(p *relais.Parametres) { p.Moi = mutuelle }, nil, false},
		{"sans identifiant", func(p *relais.Parametres) { p.Moi.ID = "" }, nil, false},
		{"sans juge", func(p *relais.Parametres) { p.Juge = nil }, nil, false},
	} {
		p := bon
		c.p(&p)
		if r, err := relais.New(p, c.routes); (err == nil) != c.bon {
			t.Errorf("%s : %v, %v", c.nom, r, err)
		}
	}
}

// Each way of getting nothing back has its code, and counts or not against the
// server.
func TestSansReponse(t *testing.T) {
	for _, c := range []struct {
		err    error
		want   roc.Code
		compte bool
	}{
		{relais.ErrInjoignable, roc.PanneRelais, true},
		{relais.ErrCertificat, roc.PanneRelais, true},
		{relais.ErrSansMessage, roc.PanneRelais, true},
		{relais.ErrDelai, roc.DelaiInterne, true},
		{relais.ErrSature, roc.Saturation, false},
		{relais.ErrTropGrand, roc.Illisible, false},
	} {
		b := nouveauBanc(t, sceau.REST, relais.Reglages{Echecs: 1})
		appels := 0
		b.poster = func(context.Context, *relais.Envoi) (*relais.Arrivee, error) {
			appels++
			return nil, fmt.Errorf("%w : essai", c.err)
		}
		q := b.question(t, nil)
		if _, refus := b.relayer(q); refus == nil || refus.Code != c.want {
			t.Errorf("%v : got %v", c.err, refus)
		}
		_, refus := b.relayer(q)
		if coupe := appels == 1; coupe != c.compte || coupe && (refus.Code != roc.PanneRelais || refus.Reprise != 2) {
			t.Errorf("%v : %d appels, puis %+v", c.err, appels, refus)
		}
	}
}

// A server that is left alone is tried again after its rest, and takes messages
// as soon as it answers.
func TestReprise(t *testing.T) {
	b := nouveauBanc(t, sceau.REST, relais.Reglages{Echecs: 2, Repos: 10 * time.Second})
	var journal bytes.Buffer
	b.r = b.nouveau(t, func(p *relais.Parametres) { p.Log = slog.New(slog.NewTextHandler(&journal, nil)) })
	panne := func(context.Context, *relais.Envoi) (*relais.Arrivee, error) { return nil, relais.ErrInjoignable }
	b.poster = panne
	q := b.question(t, nil)
	for range 5 {
		b.relayer(q)
	}
	if len(b.envois) != 2 {
		t.Fatalf("%d envois pendant la panne", len(b.envois))
	}
	b.a.Store(int64(10 * time.Second))
	b.relayer(q)
	b.a.Store(int64(29 * time.Second)) // the rest is now 20 s
	b.relayer(q)
	if len(b.envois) != 3 {
		t.Fatalf("%d envois après un essai perdu", len(b.envois))
	}
	b.a.Store(int64(30 * time.Second))
	b.rendre(b.reponse(t, q, structureAMC, nil))
	for range 3 {
		if _, refus := b.relayer(q); refus != nil {
			t.Fatal(refus)
		}
	}
	if l := strings.Split(strings.TrimSpace(journal.String()), "\n"); len(l) != 2 || !strings.Contains(l[0], "injoignable") || !strings.Contains(l[1], "de nouveau") {
		t.Errorf("journal de l'exploitant : %s", journal.String())
	}
}

// A slow server holds its own places only; the others are refused at once.
func TestPlaces(t *testing.T) {
	lente := relais.Route{Destinataire: "98??????", Adresse: "https://lente.test", Structures: []string{structureAMC}}
	b := nouveauBanc(t, sceau.REST, relais.Reglages{Places: 2, Attente: time.Millisecond}, lente)
	rapide := b.question(t, nil)
	reponse := b.reponse(t, rapide, structureAMC, nil)
	attendue := make(chan struct{})
	var entres sync.WaitGroup
	entres.Add(2)
	lents := b.question(t, func(e *roc.Enveloppe) { e.Destinataire.ID = "98000001" })
	b.poster = func(_ context.Context, e *relais.Envoi) (*relais.Arrivee, error) {
		if strings.Contains(string(e.Octets), "98000001") {
			entres.Done()
			<-attendue
			return nil, relais.ErrDelai
		}
		return &relais.Arrivee{Octets: reponse}, nil
	}
	var fin sync.WaitGroup
	for range 2 {
		fin.Go(func() { b.relayer(lents) })
	}
	entres.Wait()
	if _, refus := b.relayer(lents); refus == nil || refus.Code != roc.Saturation || refus.Reprise != 1 {
		t.Errorf("troisième message : %v", refus)
	}
	if _, refus := b.relayer(rapide); refus != nil {
		t.Errorf("l'autre destinataire a attendu : %v", refus)
	}
	close(attendue)
	fin.Wait()
	for range 5 { // one by one: each leaves its place
		if _, refus := b.relayer(rapide); refus != nil {
			t.Fatal(refus)
		}
	}
}

// An asker who gives up is answered at once, and nobody else gains by it: his message goes on,
// with its own place and within the delay of the relay, and says what it learns of the server.
func TestAbandon(t *testing.T) {
	const echecs = 3
	b := nouveauBanc(t, sceau.REST, relais.Reglages{Places: 1, Attente: 100 * time.Millisecond, Echecs: echecs, Ordinaire: time.Minute})
	entre, issue := make(chan context.Context), make(chan error)
	b.poster = func(ctx context.Context, _ *relais.Envoi) (*relais.Arrivee, error) {
		entre <- ctx
		return nil, <-issue
	}
	q := b.question(t, nil)
	for i := range echecs {
		ctx, partir := context.WithCancel(context.Background())
		rendu := make(chan error, 1)
		go func() {
			_, err := b.r.Relayer(ctx, q)
			rendu <- err
		}()
		envoi := <-entre
		partir()
		if err := <-rendu; !errors.Is(err, relais.ErrAbandon) {
			t.Errorf("%d : %v", i, err)
		}
		if limite, ok := envoi.Deadline(); envoi.Err() != nil || !ok || time.Until(limite) > time.Minute {
			t.Errorf("%d : l'envoi a suivi le demandeur, ou n'a pas de terme : %v", i, envoi.Err())
		}
		if _, refus := b.relayer(q); refus == nil || refus.Code != roc.Saturation {
			t.Errorf("%d : la place du message abandonné est rendue avant lui : %v", i, refus)
		}
		issue <- relais.ErrDelai
	}
	// Nobody waited, and the server is known not to answer.
	b.mu.Lock()
	b.poster = func(context.Context, *relais.Envoi) (*relais.Arrivee, error) { return nil, relais.ErrTropGrand }
	b.mu.Unlock()
	for fin := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		_, refus := b.relayer(q)
		if refus != nil && errors.Is(refus.Cause, relais.ErrInjoignable) {
			break
		}
		if time.Now().After(fin) {
			t.Fatalf("serveur muet que des demandeurs impatients cachent : %v", refus)
		}
	}
}

// Each relay waits less than the one before it, and less than the hospital.
func TestDelais(t *testing.T) {
	for _, c := range []struct {
		service roc.Service
		relais  int
		want    time.Duration
	}{{roc.DEL, 0, 9 * time.Second}, {roc.DEL, 1, 8500 * time.Millisecond}, {roc.SIM, 0, 14 * time.Second}, {roc.SIM, 4, 12 * time.Second}} {
		b := nouveauBanc(t, sceau.REST, relais.Reglages{})
		q := b.question(t, func(e *roc.Enveloppe) { e.Service = c.service })
		for range c.relais {
			q.Chaine.Maillons = append(q.Chaine.Maillons, roc.Maillon{Role: roc.OCT, ID: "X", Horodatage: midi})
		}
		b.poster = func(ctx context.Context, _ *relais.Envoi) (*relais.Arrivee, error) {
			limite, ok := ctx.Deadline()
			if d := time.Until(limite); !ok || d > c.want || d < c.want-time.Second/4 {
				t.Errorf("%s après %d relais : %v, want %v", c.service, c.relais, d, c.want)
			}
			return nil, relais.ErrDelai
		}
		b.relayer(q)
	}
}

// Routes change without a restart, all or none.
func TestRouter(t *testing.T) {
	b := nouveauBanc(t, sceau.REST, relais.Reglages{})
	q := b.question(t, nil)
	b.rendre(b.reponse(t, q, structureAMC, nil))
	b.relayer(q)
	nouvelle := relais.Route{Destinataire: "99000001", Adresse: "https://route.test", Empreintes: []string{strings.Repeat("ab", 32)}}
	if err := b.r.Router([]relais.Route{nouvelle, nouvelle}); !errors.Is(err, relais.ErrRoute) {
		t.Errorf("routes ambiguës : %v", err)
	}
	if err := b.r.Router([]relais.Route{nouvelle}); err != nil {
		t.Fatal(err)
	}
	b.relayer(q)
	if want := []string{adresse, "https://route.test " + strings.Repeat("ab", 32)}; !slices.Equal(b.ouverts, want) {
		t.Errorf("liens %v, want %v", b.ouverts, want)
	}
	if b.r.Fermer(); b.fermes != 2 {
		t.Errorf("%d liens fermés", b.fermes)
	}
}

// Six relays are refused before anything leaves.
func TestTropDeRelais(t *testing.T) {
	b := nouveauBanc(t, sceau.SOAP, relais.Reglages{})
	q := b.question(t, nil)
	for range roc.ChaineMax {
		q.Chaine.Maillons = append(q.Chaine.Maillons, roc.Maillon{Role: roc.OCT, ID: "X", Horodatage: midi})
	}
	if _, refus := b.relayer(q); refus == nil || refus.Code != roc.PanneRelais || len(b.envois) != 0 {
		t.Errorf("got %v, %d envois", refus, len(b.envois))
	}
}

// The next steps kept are bounded; those in use are never dropped.
func TestCarnetBorne(t *testing.T) {
	const trop = 2048 + 1
	var routes []relais.Route
	for i := range trop {
		routes = append(routes, relais.Route{Destinataire: fmt.Sprintf("%08d", i), Adresse: fmt.Sprintf("https://amc%d.test", i), Structures: []string{structureAMC}})
	}
	b := nouveauBanc(t, sceau.REST, relais.Reglages{}, routes...)
	entre, attendue := make(chan struct{}), make(chan struct{})
	b.poster = func(_ context.Context, e *relais.Envoi) (*relais.Arrivee, error) {
		if strings.Contains(string(e.Octets), "00000000") {
			close(entre)
			<-attendue
		}
		return nil, relais.ErrTropGrand
	}
	enCours := b.question(t, func(e *roc.Enveloppe) { e.Destinataire.ID = "00000000" })
	var fin sync.WaitGroup
	fin.Go(func() { b.relayer(enCours) })
	<-entre
	q := b.question(t, nil)
	for i := 1; i < trop; i++ {
		q.Enveloppe.Destinataire.ID = fmt.Sprintf("%08d", i)
		b.a.Add(int64(time.Millisecond))
		b.relayer(q)
	}
	if len(b.ouverts) != trop || b.fermes != 1 {
		t.Errorf("%d liens ouverts, %d fermés", len(b.ouverts), b.fermes)
	}
	close(attendue)
	fin.Wait()
	for _, c := range []struct {
		numero  string
		ouverts int
	}{{"00000002", trop}, {"00000001", trop + 1}} { // the oldest went, not the one in use
		q.Enveloppe.Destinataire.ID = c.numero
		if b.relayer(q); len(b.ouverts) != c.ouverts {
			t.Errorf("%s : %d liens ouverts, %d attendus", c.numero, len(b.ouverts), c.ouverts)
		}
	}
}
