package gate

import "net/http"

// Titulaire gives the structure that holds the channel of a request, judged again
// now: for the doors that carry no sealed message, behind Reserver.
func (p *Portail) Titulaire(r *http.Request) (string, error) {
	v, err := p.canal(r)
	if err != nil {
		return "", err
	}
	return structure(v), nil
}
