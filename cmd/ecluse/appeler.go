package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/monde"
	pupitrefront "github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/roc"
)

// ouvrirBureau serves the desk of the demonstration, beside its parties.
func (r *recit) ouvrirBureau() (string, error) {
	a, err := r.ports("bureau")
	if err != nil {
		return "", err
	}
	h := r.hopitaux[monde.CleHopital]
	if err := ouvrirBureau(h.p, a, r.temoin, rubriques(h.p, r.temoin)); err != nil {
		return "", err
	}
	e := h.p.ecoutes[len(h.p.ecoutes)-1]
	r.boucles.Go(func() { e.servir() })
	return a, nil
}

// rubriques tells how to call a laboratory without the desk.
func rubriques(p *processus, t *temoin) []pupitrefront.Rubrique {
	f := &p.f.Etablissements[0]
	dir := filepath.Dir(p.f.Chemin)
	chemin := func(s string) string { return filepath.Join(dir, s) }
	exchange := f.AnnuaireAMC.Adresse
	for _, q := range t.tous {
		if len(q.f.AMC) > 0 {
			exchange = q.f.AdressePublique()
			break
		}
	}
	racines := filepath.Join(dir, "confiance", "racines")
	tls := fmt.Sprintf("--cacert /tmp/racines.pem --cert %s --key %s", chemin(f.Identite.Authentification.Certificat), chemin(f.Identite.Authentification.Cle))
	return []pupitrefront.Rubrique{
		{Titre: "L'API locale de l'établissement", Paragraphes: []string{"Celle du logiciel de facturation : venues, droits, simulations, calculs, annulations."},
			Blocs: []pupitrefront.Bloc{{Legende: "Lister les venues", Texte: fmt.Sprintf(`curl -s -H "Authorization: Bearer $(cat %s)" http://%s/v1/venues`, chemin(f.API.Jeton), f.API.Adresse)},
				{Legende: "Sa description", Texte: fmt.Sprintf("curl -s http://%s/v1/openapi.json", f.API.Adresse)}}},
		{Titre: "L'échange, avec curl", Paragraphes: []string{"TLS mutuel par le certificat d'authentification ; chaque message scellé par le cachet."},
			Blocs: []pupitrefront.Bloc{{Legende: "Les autorités du laboratoire", Texte: fmt.Sprintf("cat %s/*.pem > /tmp/racines.pem", racines)},
				{Legende: "La description SOAP et la description REST", Texte: fmt.Sprintf("curl -s %[1]s '%[2]s%[3]s?wsdl'\ncurl -s %[1]s %[2]s/v1/roc/openapi.json", tls, exchange, roc.CheminSOAP)},
				{Legende: "Sceller une question et l'envoyer", Texte: fmt.Sprintf("ecluse sceau signer --certificat %s --cle %s --maintenant question.json |\n  curl -s %s -H 'Content-Type: application/json' --data-binary @- %s%s",
					chemin(f.Identite.Cachet.Certificat), chemin(f.Identite.Cachet.Cle), tls, exchange, roc.IDB.Chemin())}}},
		{Titre: "Un client SOAP ordinaire", Paragraphes: []string{"zeep, npm soap, WSS4J… se servent du WSDL, du certificat d'authentification pour TLS et du cachet pour WS-Security. Des exemples sont dans clients/."}},
	}
}

// appeler writes the same on a terminal.
func (r *recit) appeler(w io.Writer) {
	for _, x := range rubriques(r.hopitaux[monde.CleHopital].p, r.temoin) {
		fmt.Fprintf(w, "\n%s — %s\n", x.Titre, strings.Join(x.Paragraphes, " "))
		for _, b := range x.Blocs {
			fmt.Fprintf(w, "  # %s\n", b.Legende)
			for l := range strings.Lines(b.Texte) {
				fmt.Fprintf(w, "  %s\n", strings.TrimRight(l, "\n"))
			}
		}
	}
}
