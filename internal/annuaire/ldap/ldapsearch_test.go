package ldap

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// outilLDAP runs one of OpenLDAP's tools against the scene: its exit status is the
// result of the operation.
type outilLDAP struct {
	t       *testing.T
	env     []string
	tls     string
	clair   string
	dossier string
}

func outils(t *testing.T, s *scene) *outilLDAP {
	t.Helper()
	for _, nom := range []string{"ldapsearch", "ldapwhoami", "ldapcompare", "ldapdelete"} {
		outil(t, nom)
	}
	d := t.TempDir()
	o := &outilLDAP{t: t, tls: "ldaps://" + s.tls, clair: "ldap://" + s.clair, dossier: d} // by address: they change localhost for the host's name
	o.env = append(os.Environ(), "LDAPTLS_CACERT="+o.ecrire("ca.pem", "CERTIFICATE", s.cert.Certificate[0]), "LDAPTLS_REQCERT=demand", "LANG=C")
	return o
}

func (o *outilLDAP) ecrire(nom, quoi string, b []byte) string {
	f := filepath.Join(o.dossier, nom)
	if err := os.WriteFile(f, pem.EncodeToMemory(&pem.Block{Type: quoi, Bytes: b}), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return f
}

// avecCertificat has the tools show a certificate.
func (o *outilLDAP) avecCertificat(c tls.Certificate) {
	cle, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		o.t.Fatal(err)
	}
	o.env = append(o.env, "LDAPTLS_CERT="+o.ecrire("client.pem", "CERTIFICATE", c.Certificate[0]), "LDAPTLS_KEY="+o.ecrire("client.cle", "PRIVATE KEY", cle))
}

func (o *outilLDAP) lancer(nom string, args ...string) (sortie string, code int) {
	o.t.Helper()
	c := exec.Command(nom, args...)
	c.Env = o.env
	var b bytes.Buffer
	c.Stdout, c.Stderr = &b, &b
	err := c.Run()
	var e *exec.ExitError
	if err != nil && !errors.As(err, &e) {
		o.t.Fatal(err)
	}
	return b.String(), c.ProcessState.ExitCode()
}

// OpenLDAP's own tools ask the directory.
func TestLdapsearch(t *testing.T) {
	l := tirer(rand.New(rand.NewPCG(9, 10)), 400)
	s := ouvrirScene(t, &Fonds{Images: enImage(t, l), Portier: familles{regards(t)}}, Bornes{})
	o := outils(t, s)
	tls, clair := []string{"-x", "-LLL", "-o", "ldif-wrap=no", "-H", o.tls, "-b", racine}, []string{"-x", "-LLL", "-H", o.clair, "-b", racine}
	for _, x := range []struct {
		cas    string
		args   []string
		code   int
		n      int // entries, -1 when it does not matter
		attend string
	}{
		{"accents", append(tls, "(cn=Hélène*LE GALL)", "cn"), 0, -1, "cn:: "},
		{"trop de réponses", append(tls, "(x-categorie=C)", "1.1"), int(TailleDepassee), 200, "Trop de réponses"},
		{"limite dite", append(tls, "-z", "3", "(x-categorie=C)", "1.1"), int(TailleDepassee), 3, ""},
		{"toutes les pages", append(tls, "-E", "pr=37/noprompt", "(x-categorie=C)", "1.1"), 0, visibles(l), ""},
		{"unités", append(tls, "-s", "one"), 0, 4, "dn: ou=amc,o=annuaire,c=fr"},
		{"tout l'annuaire", tls, int(Refuse), 0, "lirait tout l'annuaire"},
		{"base inconnue", []string{"-x", "-H", o.tls, "-b", "dc=exemple", "(sn=x)"}, int(ObjetInconnu), 0, ""},
		{"racine", []string{"-x", "-LLL", "-H", o.tls, "-b", "", "-s", "base", "+"}, 0, 1, "namingContexts: o=annuaire,c=fr"},
		{"schéma", []string{"-x", "-LLL", "-o", "ldif-wrap=no", "-H", o.tls, "-b", nomSousSchema, "-s", "base", "attributeTypes"}, 0, 1, "x-savoirFaire"},
		{"en clair", append(clair, "(sn=dupont)"), int(ClairRefuse), 0, "StartTLS"},
		{"StartTLS", append(clair, "-ZZ", "(sn=dupont)", "1.1"), 0, -1, "dn: x-fiche="},
		{"mot de passe en clair", append(clair, "-D", "psc", "-w", motDePass, "(sn=dupont)"), int(ClairRefuse), 0, ""},
		{"mot de passe faux", append(tls, "-D", "psc", "-w", "faux", "(sn=dupont)"), int(IdentifiantsFaux), 0, "inconnu"},
		{"données restreintes", append(tls, "-D", "psc", "-w", motDePass, "(&(sn=dupont)(userCertificate=*))", "userCertificate"), 0, -1, "userCertificate;binary:: "},
	} {
		t.Run(x.cas, func(t *testing.T) {
			lu, code := o.lancer("ldapsearch", x.args...)
			n := strings.Count("\n"+lu, "\ndn: ") + strings.Count("\n"+lu, "\ndn:: ")
			if x.cas == "racine" {
				n = strings.Count("\n"+lu, "\ndn:")
			}
			if code != x.code || x.n >= 0 && n != x.n || !strings.Contains(lu, x.attend) {
				t.Errorf("code %d au lieu de %d, %d entrées au lieu de %d, « %s » attendu :\n%s", code, x.code, n, x.n, x.attend, lu[:min(len(lu), 600)])
			}
		})
	}
	if lu, code := o.lancer("ldapdelete", "-x", "-H", o.tls, racine); code != int(Refuse) {
		t.Errorf("suppression : %d %s", code, lu)
	}
	if lu, code := o.lancer("ldapcompare", "-x", "-H", o.tls, "ou=personnes,"+racine, "ou:personnes"); code != int(CompareVrai) {
		t.Errorf("comparaison : %d %s", code, lu)
	}
}

// visibles is how many entries the public finds by the category of people: a person
// whose record is closed has none.
func visibles(l []annuaire.Changement) (n int) {
	for _, k := range l {
		if k.Praticien != nil && k.Praticien.Actif {
			n++
		}
	}
	return n
}

// SASL EXTERNAL: the certificate says who asks.
func TestLdapwhoami(t *testing.T) {
	s := ouvrirScene(t, petit(1), Bornes{})
	o := outils(t, s)
	if lu, code := o.lancer("ldapwhoami", "-x", "-H", o.tls); code != 0 || strings.TrimSpace(lu) != "anonymous" {
		t.Errorf("anonyme : %d %s", code, lu)
	}
	o.avecCertificat(paire(t, "operateur"))
	if lu, code := o.lancer("ldapwhoami", "-Y", "EXTERNAL", "-Q", "-H", o.tls); code != 0 || !strings.Contains(lu, "dn:CN=operateur") {
		t.Errorf("EXTERNAL : %s\n%s", strconv.Itoa(code), lu)
	}
}
