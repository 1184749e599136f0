package droits_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// kiosqueListes publishes the last list of services, and counts who asks for it.
type kiosqueListes struct {
	liste, cles []byte
	clesLues    int
	lues        int
	contournees int // past the caches
}

func (k *kiosqueListes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/listes/certificats/"+operateurNo+"/courante") && k.cles != nil {
		k.clesLues++
		w.Write(k.cles)
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/listes/services/"+operateurNo+"/courante") {
		http.NotFound(w, r)
		return
	}
	k.lues++
	if r.Header.Get("Cache-Control") == "no-cache" {
		k.contournees++
	}
	w.Write(k.liste)
}

// detourner has another server stand where the insurer is: as good a certificate, of the
// same authority and for the same name.
func (v *ville) detourner(t *roc.Transport, vers *guichet) {
	t.Composer(func(ctx context.Context, reseau, adresse string) (net.Conn, error) {
		if adresse == v.service.adresse[len("https://"):] && vers != nil {
			adresse = vers.adresse[len("https://"):]
		}
		return v.composer(ctx, reseau, adresse)
	})
}

// A server that the lists pin shows one of the certificates they say, or is not asked: a
// certificate that is as good otherwise does not do. The list is read once more, past the
// caches, and no oftener than every half minute.
func TestEmpreintesDuServeur(t *testing.T) {
	v := nouvelleVille(t)
	epingler := func(l ...string) func(*visiodroits.EntreeService) {
		return func(e *visiodroits.EntreeService) {
			for _, x := range l {
				e.Empreintes = append(e.Empreintes, visiodroits.EmpreinteServeur(x))
			}
		}
	}
	k := &kiosqueListes{}
	miroir := httptest.NewServer(k)
	defer miroir.Close()
	listes := v.listes(1, v.entree(epingler(v.service.epingle)))
	k.liste = listes[0]
	o := v.options(v.classeur(listes...))
	o.Miroirs = []string{miroir.URL}
	p := v.poste(o)
	if r := v.droits(p, 1); r.Code != visiodroits.Fournis {
		t.Fatalf("%s %v", r.Code, r.Diagnostic)
	}
	avant := len(v.miroir.recues)
	v.detourner(o.Transport, v.miroir)
	o.Transport.Fermer()
	r := v.droits(p, 1)
	var refus *roc.Refus
	if r.Code != visiodroits.ServiceIndisponible || r.Degrade == nil || r.Degrade.Preuve.Classe != droits.ErreurTLS || !errors.Is(r.Diagnostic, roc.ErrEmpreinte) ||
		!errors.As(r.Diagnostic, &refus) || refus.Code != roc.CertificatRefuse ||
		r.Phrase != "Service ouvert, indisponible pour l'instant : le serveur ne présente pas un certificat annoncé pour lui, par l'annuaire ou la liste des services" {
		t.Errorf("autre certificat de la même autorité : %s %s (%v), %+v", r.Code, r.Phrase, r.Diagnostic, r.Degrade)
	}
	if len(v.miroir.recues) != avant {
		t.Error("la question est partie vers un autre serveur")
	}
	if k.lues != 1 || k.contournees != 1 {
		t.Errorf("liste lue %d fois, dont %d en contournant les caches", k.lues, k.contournees)
	}
	if v.droits(p, 1); k.lues != 1 {
		t.Errorf("liste relue sans attendre : %d fois", k.lues)
	}

	// The insurer renews: its list says both, and the workstation finds it out at the counter.
	v.Avancer(time.Minute)
	k.liste = v.listes(2, v.entree(epingler(v.service.epingle, v.miroir.epingle)))[0]
	if r := v.droits(p, 1); r.Code != visiodroits.Fournis && r.Code != visiodroits.Inchanges || k.lues != 2 {
		t.Errorf("renouvelé : %s %v, liste lue %d fois", r.Code, r.Diagnostic, k.lues)
	}
	v.detourner(o.Transport, nil)
	o.Transport.Fermer()
	if r := v.droits(p, 1); r.Code != visiodroits.Fournis && r.Code != visiodroits.Inchanges {
		t.Errorf("l'ancien, encore annoncé : %s %v", r.Code, r.Diagnostic)
	}
	// Where nothing is announced, any certificate that is good does.
	v.Avancer(2 * time.Minute)
	o.Classeur = v.classeur(v.listes(3, v.entree())...)
	if r := v.droits(v.poste(o), 2); r.Code != visiodroits.Fournis {
		t.Errorf("sans empreinte : %s %v", r.Code, r.Diagnostic)
	}
}

// A concentrator that the software pins is asked when it shows one of the certificates that
// were given with its address, and receives nothing otherwise: the question goes on without it,
// or in degraded mode.
func TestEmpreintesDuConcentrateur(t *testing.T) {
	v := nouvelleVille(t)
	o := v.options(v.classeur(v.listes(1, v.entree())...))
	v.parOCT(&o)
	o.OCT.Empreintes = []string{v.service.epingle, v.concentrateur.epingle}
	if r := v.droits(v.poste(o), 1); r.Code != visiodroits.Fournis || len(v.concentrateur.recues) != 1 {
		t.Fatalf("%s %v", r.Code, r.Diagnostic)
	}
	// As openssl prints it.
	var paires []string
	for i := 0; i < len(v.concentrateur.epingle); i += 2 {
		paires = append(paires, strings.ToUpper(v.concentrateur.epingle[i:i+2]))
	}
	o.OCT.Empreintes = []string{strings.Join(paires, ":")}
	o.Transport.Fermer()
	if r := v.droits(v.poste(o), 1); r.Code != visiodroits.Fournis && r.Code != visiodroits.Inchanges || len(v.concentrateur.recues) != 2 {
		t.Fatalf("%s %v", r.Code, r.Diagnostic)
	}
	for _, x := range []string{"", "sha256", v.service.epingle[1:], v.service.epingle + "00", strings.Repeat("g", 64)} {
		o.OCT.Empreintes = []string{x}
		if _, err := droits.NouveauPoste(o); err == nil {
			t.Errorf("%q : une empreinte qu'aucun serveur ne montrera est admise", x)
		}
	}
	o.OCT.Empreintes = []string{v.service.epingle} // the server at its address is another one
	for _, repli := range []bool{false, true} {
		o.Repli = repli
		o.Transport.Fermer()
		r := v.droits(v.poste(o), 2)
		if len(v.concentrateur.recues) != 2 {
			t.Fatal("la question est partie vers un autre serveur")
		}
		if repli != (r.Code == visiodroits.Fournis && r.Directe) || !repli && (r.Code != visiodroits.OCTInjoignable || !errors.Is(r.Diagnostic, roc.ErrEmpreinte)) {
			t.Errorf("repli %v : %s %v", repli, r.Code, r.Diagnostic)
		}
	}
}

// An issuer that changed its key is believed at once: the workstation reads the list of keys
// again at the counter, and no oftener than every half minute. Nothing of how that failed is
// said at the counter.
func TestCleChangee(t *testing.T) {
	v := nouvelleVille(t)
	k := &kiosqueListes{}
	miroir := httptest.NewServer(k)
	defer miroir.Close()
	listes := v.listes(1, v.entree())
	k.liste, k.cles = listes[0], listes[1]
	o := v.options(v.classeur(listes...))
	o.Miroirs = []string{miroir.URL}
	p := v.poste(o)
	if r := v.droits(p, 1); r.Code != visiodroits.Fournis || k.clesLues != 0 {
		t.Fatalf("%s %v", r.Code, r.Diagnostic)
	}
	v.cleMutuelle = cleP256(t)
	for range 2 { // the list does not say it yet
		if r := v.droits(p, 2); r.Code != visiodroits.ServiceIndisponible || r.Phrase != "Service ouvert, indisponible pour l'instant : la réponse ne se vérifie pas" || k.clesLues != 1 {
			t.Errorf("clé que personne n'annonce : %s %s (%v), lue %d fois", r.Code, r.Phrase, r.Diagnostic, k.clesLues)
		}
	}
	v.Avancer(time.Minute)
	k.cles = v.listes(2, v.entree())[1]
	if r := v.droits(p, 2); r.Code != visiodroits.Fournis || k.clesLues != 2 {
		t.Errorf("clé annoncée depuis : %s (%v), lue %d fois", r.Code, r.Diagnostic, k.clesLues)
	}
}
