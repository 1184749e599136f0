package serveur

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/config"
)

// Outside of a laboratory, no return goes to an address of our own network that is
// written as such; a name is judged when it is resolved.
func TestJoignable(t *testing.T) {
	c := &config.AMC{ReseauxRetours: []string{"10.20.0.0/16"}}
	p := &Processus{Fichier: &config.Fichier{}}
	f, err := p.joignable(c)
	if err != nil {
		t.Fatal(err)
	}
	for hote, bon := range map[string]bool{"es.exemple.fr": true, "10.20.1.1": true, "93.184.216.34": true, "localhost": false, "A.LOCALHOST": false,
		"127.0.0.1": false, "10.21.0.1": false, "::1": false, "169.254.169.254": false} {
		if f(hote) != bon {
			t.Errorf("%s : %v", hote, !bon)
		}
	}
	p.Fichier.Laboratoire = true
	if f, err := p.joignable(c); f != nil || err != nil {
		t.Errorf("au laboratoire : %v", err)
	}
}
