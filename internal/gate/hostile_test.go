package gate_test

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// A revoked channel is told why, and its message is neither read nor kept.
func TestCanalRevoqueSansContenu(t *testing.T) {
	x := nouveauBanc(t, nil, sceau.REST)
	x.revoquer(x.es.AuthSerie.AC, x.es.AuthSerie.Serie)
	rep := poster(t, x.HTTP(x.es), x.s.Adresse+roc.DEL.Chemin(), "application/json", bytes.Repeat([]byte("a"), 200<<10))
	if rep.code != http.StatusForbidden || !strings.Contains(rep.corps, `"S503"`) {
		t.Errorf("%d %.300s", rep.code, rep.corps)
	}
	tr := x.s.Journal.Traces()
	if len(tr) != 1 || tr[0].Code != roc.CertificatRefuse || len(tr[0].Question) != 0 {
		t.Errorf("%d traces, %d octets gardés", len(tr), len(tr[0].Question))
	}
	// Nobody was identified: the number of the certificate is the only trail.
	if d := x.s.Vigie.Details; len(d) != 1 || !strings.Contains(d[0], strings.TrimLeft(x.es.AuthSerie.Serie, "0")) {
		t.Errorf("signaux %q sans le numéro %s", d, x.es.AuthSerie.Serie)
	}
}

// Who is refused again and again does not make us sign and write without end; his
// neighbour is served all the while.
func TestInondationDeRefus(t *testing.T) {
	const envois = 600
	x := nouveauBanc(t, nil, sceau.REST)
	inondeur := x.Partie(t, "1990000341", "INONDEUR")
	h := x.HTTP(inondeur)
	coupes := 0
	for range envois {
		rep := poster(t, h, x.s.Adresse+roc.DEL.Chemin(), "application/json", []byte("{}"))
		switch rep.code {
		case http.StatusBadRequest:
		case http.StatusTooManyRequests:
			coupes++
		default:
			t.Fatalf("%d %.300s", rep.code, rep.corps)
		}
	}
	if n := len(x.s.Journal.Traces()); coupes == 0 || n+coupes != envois {
		t.Errorf("%d traces et %d coupés pour %d envois", n, coupes, envois)
	}
	if _, err := x.del(t); err != nil {
		t.Errorf("le voisin : %v", err)
	}
}

// What is not the exchange is for good certificates: TLS alone lets revoked ones in.
func TestReserver(t *testing.T) {
	x := nouveauBanc(t, nil, sceau.REST)
	garde := x.s.Portail.Reserver(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("journal")) }))
	adresse := x.Ecouter(t, x.s.Portail, garde)
	lire := func(want int) {
		t.Helper()
		r, err := x.HTTP(x.es).Get(adresse + "/journal/checkpoint")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("got %d, want %d", r.StatusCode, want)
		}
	}
	lire(http.StatusOK)
	x.s.Vigie.Plein = roc.Refuser(roc.Saturation, "")
	lire(http.StatusServiceUnavailable)
	x.s.Vigie.Plein = nil
	x.revoquer(x.es.AuthSerie.AC, x.es.AuthSerie.Serie)
	lire(http.StatusForbidden)
}

// A refusal of a message that could not be read names no question: who carries
// messages may keep one, and must not be able to serve it for ever.
func TestRefusSansQuestionRejoue(t *testing.T) {
	for _, c := range []struct {
		nom     string
		changer func(x *banc)
		want    roc.Code
	}{
		{"de l'instant", func(*banc) {}, roc.Illisible},
		{"d'il y a une heure", func(x *banc) { x.Avancer(time.Hour) }, roc.Rejeu},
		{"d'un autre environnement", func(x *banc) { x.client.Environnement = roc.Production }, roc.HorsCercle},
	} {
		for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
			t.Run(c.nom+"/"+string(face), func(t *testing.T) {
				x := nouveauBanc(t, nil, face)
				chemin, genre := roc.DEL.Chemin(), "application/json"
				if face == sceau.SOAP {
					chemin, genre = roc.CheminSOAP, "application/soap+xml"
				}
				garde := poster(t, x.HTTP(x.es), x.s.Adresse+chemin, genre, []byte("rien"))
				x.client.Delais.Essais = 1
				x.client.Relais = &roc.AccesRelais{Structure: "1990000341", Adresse: x.Ecouter(t, x.s.Portail, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", genre)
					w.WriteHeader(garde.code)
					w.Write([]byte(garde.corps))
				}))}
				c.changer(x)
				if _, err := x.del(t); code(err) != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
			})
		}
	}
}

// The header that announces a leaf is sealed by nobody: what cannot be a hash is
// not kept.
func TestFeuilleAnnonceeFausse(t *testing.T) {
	x := nouveauBanc(t, nil, sceau.REST)
	vrai := http.NewServeMux()
	x.s.Portail.Routes(vrai, roc.ROC, gate.Limites{}, nil)
	for _, c := range []struct {
		feuille string
		want    string
	}{{"ab+/-_9=", "ab+/-_9="}, {"<script>", ""}, {strings.Repeat("a", 20<<10), ""}} {
		// The address of a relay is not pinned by the directory.
		x.client.Relais = &roc.AccesRelais{Structure: "1990000341", Adresse: x.Ecouter(t, x.s.Portail, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			vrai.ServeHTTP(&menteur{w, c.feuille}, r)
		}))}
		r, err := x.del(t)
		if err != nil || r.Feuille != c.want {
			t.Errorf("%.20s : %v", c.feuille, err)
		}
	}
}

type menteur struct {
	http.ResponseWriter
	feuille string
}

func (m *menteur) WriteHeader(code int) {
	m.Header().Set(gate.EnteteFeuille, m.feuille)
	m.ResponseWriter.WriteHeader(code)
}

// A wrong entry of the directory, for an insurer said to be on the same server,
// takes nothing from the others: neither their fingerprints nor their connections.
func TestEmpreintesDUnAutre(t *testing.T) {
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		x := nouveauBanc(t, nil, face)
		var poignees atomic.Int64
		tr := roc.NewTransport(func() *tls.Certificate { poignees.Add(1); return x.es.Auth }, x.Magasin, x.Horloge)
		t.Cleanup(tr.Fermer)
		x.client.Transport = tr
		bonne := x.s.Epingle
		for range 3 {
			x.s.Epingle = bonne
			if _, err := x.del(t); err != nil {
				t.Fatal(err)
			}
			x.s.Epingle = strings.Repeat("0", 64)
			x.client.Resolveur = &roc.Resolveur{Horloge: x.Horloge, Demander: x.client.Resolveur.Demander} // nothing kept
			if _, err := x.del(t); code(err) != roc.CertificatRefuse {
				t.Fatalf("empreinte fausse : %v", err)
			}
			x.client.Resolveur = &roc.Resolveur{Horloge: x.Horloge, Demander: x.client.Resolveur.Demander}
		}
		if n := poignees.Load(); n != 1 {
			t.Errorf("%s : %d connexions, une attendue", face, n)
		}
	}
}
