package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	accrfront "github.com/ecluse-sante/ecluse/internal/accreditation/front"
	annuairefront "github.com/ecluse-sante/ecluse/internal/annuaire/front"
	"github.com/ecluse-sante/ecluse/internal/config"
	etabfront "github.com/ecluse-sante/ecluse/internal/etablissement/front"
	journalfront "github.com/ecluse-sante/ecluse/internal/journal/front"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

var actualiser = flag.Bool("update", false, "écrit docs/reference d'après le code")

// The reference pages are those of the code: make docs writes them again.
func TestReference(t *testing.T) {
	for nom, page := range map[string]string{
		"commandes.md": pageCommandes(), "configuration.md": pageConfiguration(t), "messages.md": pageMessages(roc.Publication),
		"messages-droits.md": pageMessages(droits.Publication), "messages-tarif.md": pageMessages(tarif.Publication),
		"codes.md": pageCodes(), "routes.md": pageRoutes(),
	} {
		chemin := filepath.Join("..", "..", "docs", "reference", nom)
		if *actualiser {
			if err := os.WriteFile(chemin, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if b, err := os.ReadFile(chemin); err != nil || string(b) != page {
			t.Errorf("docs/reference/%s n'est plus à jour : make docs", nom)
		}
	}
}

func entete(titre, suite string) string {
	return "<!-- Page tirée du code par « make docs » : ne pas la corriger à la main. -->\n\n# " + titre + "\n\n" + suite + "\n"
}

func cellule(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func pageCommandes() string {
	var b strings.Builder
	b.WriteString(entete("Commandes", "Un seul programme, `ecluse`. Chaque commande a son aide : `ecluse COMMANDE --help`."))
	for _, c := range racine().Commands {
		decrireCommande(&b, "ecluse", c)
	}
	return b.String()
}

// enPage writes the indented lines of an explanation as a block.
func enPage(s string) string {
	var b strings.Builder
	bloc := false
	for l := range strings.Lines(s) {
		if retrait := strings.HasPrefix(l, "   "); retrait != bloc {
			if b.WriteString("```\n"); !retrait {
				b.WriteString("\n")
			}
			bloc = retrait
		}
		b.WriteString(strings.TrimPrefix(l, "   "))
	}
	if bloc {
		b.WriteString("\n```")
	}
	return b.String()
}

func decrireCommande(b *strings.Builder, parent string, c *cli.Command) {
	nom := parent + " " + c.Name
	fmt.Fprintf(b, "\n%s `%s`\n\n%s.\n", strings.Repeat("#", strings.Count(nom, " ")+1), strings.TrimSpace(nom+" "+c.ArgsUsage), majuscule(c.Usage))
	if c.Description != "" {
		fmt.Fprintf(b, "\n%s\n", enPage(c.Description))
	}
	if len(c.Flags) > 0 {
		b.WriteString("\n| option | défaut | sens |\n| --- | --- | --- |\n")
	}
	for _, f := range c.Flags {
		d, ok := f.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		tiret := "--"
		if len(f.Names()[0]) == 1 {
			tiret = "-"
		}
		requis := ""
		if r, ok := f.(cli.RequiredFlag); ok && r.IsRequired() {
			requis = " (obligatoire)"
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s%s |\n", tiret, f.Names()[0], strings.Trim(d.GetValue(), `"`), cellule(d.GetUsage()), requis)
	}
	for _, s := range c.Commands {
		if s.Name != "help" {
			decrireCommande(b, nom, s)
		}
	}
}

func majuscule(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return ""
	}
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

func pageConfiguration(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := config.Decrire(&b); err != nil {
		t.Fatal(err)
	}
	return entete("Configuration", "Ce que `ecluse config describe` écrit. Une clé inconnue est refusée ; `ecluse config check` dit ce qui ne va pas, avec la ligne.") +
		"\n```toml\n" + b.String() + "```\n"
}

func pageMessages(d *roc.Description) string {
	return entete("Messages du profil "+d.Norme.Profil, "Les mêmes noms et les mêmes codes sur les deux faces, SOAP et REST. Un serveur publie son WSDL (`GET "+d.Norme.CheminSOAP()+"?wsdl`) et son document OpenAPI.") +
		"\n" + string(d.Messages())
}

func pageCodes() string {
	var b strings.Builder
	b.WriteString(entete("Codes de retour", "Familles : T technique, S sécurité (ces deux voyagent comme des refus), A annuaire, I identification, D droits, C engagement, P prestation, F facture.\nLes listes officielles ne sont pas publiques : ceux-ci sont les nôtres (voir [écarts](../ecarts.md))."))
	b.WriteString("\n| code | libellé | réessayer | qui agit |\n| --- | --- | --- | --- |\n")
	for _, s := range roc.Significations() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Code, cellule(s.Libelle), s.Reessai, cellule(s.Qui))
	}
	b.WriteString("\n## Droits en ville et tarification\n\nLes refus T et S y ont le même sens ; qui agit est de la ville. 203 et 204 sont donnés par le poste lui-même.\n\n| code | libellé | réessayer | qui agit | que faire |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range visiodroits.Significations() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.Code, cellule(s.Libelle), cellule(s.Reessai), cellule(s.Qui), cellule(s.AFaire))
	}
	for _, c := range roc.Significations() {
		if s := visiodroits.SignificationTechnique(c.Code); s.Code != "" {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.Code, cellule(s.Libelle), cellule(s.Reessai), cellule(s.Qui), cellule(s.AFaire))
		}
	}
	return b.String()
}

// routesDeNorme are the doors of a profile, and what describes it.
func routesDeNorme(b *strings.Builder, n *roc.Norme, d *roc.Description) {
	b.WriteString("\n| méthode | chemin | service |\n| --- | --- | --- |\n")
	for _, s := range n.Services {
		fmt.Fprintf(b, "| POST | `%s` | %s, face REST |\n", n.Chemin(s), s)
	}
	fmt.Fprintf(b, "| POST | `%s` | tous, face SOAP 1.2 |\n| GET | `%s?wsdl` | WSDL et schémas |\n", n.CheminSOAP(), n.CheminSOAP())
	for _, nom := range d.Documents() {
		if _, _, ok := d.Document(nom, ""); ok {
			fmt.Fprintf(b, "| GET | `%s/%s` | document publié |\n", n.Racine, nom)
		}
	}
	fmt.Fprintf(b, "| GET | `%s/` | la description, à parcourir avec un navigateur |\n", n.Racine)
}

func pageRoutes() string {
	var b strings.Builder
	b.WriteString(entete("Routes HTTP", "L'échange entre partenaires et les preuves du journal, sous TLS mutuel ; la surveillance, en clair et locale ; l'interface du logiciel de facturation d'un établissement, locale et gardée par un jeton. Une adresse inconnue ou une méthode refusée est dite en français (`application/problem+json`), avec `Allow`."))
	b.WriteString("\n## Échange\n\nTout message est scellé ; le corps dit lui-même ce qu'il demande.\n")
	routesDeNorme(&b, roc.ROC, roc.Publication)
	b.WriteString("\nSur l'adresse de l'échange (`ecoute`, port 8443), tout demande un certificat de client, descriptions comprises. Les `GET` ci-dessus sont servis aussi en clair, sans certificat, par l'adresse de surveillance : `http://127.0.0.1:8080/v1/roc/` ; ceux des droits et de la tarification aussi, `/v1/droits/` et `/v1/tarif/`.\n")
	b.WriteString("\n## Droits en ville\n\nSur l'adresse ouverte (`ecoute.ouverte`), qui ne demande pas de certificat, et sur celle de l'échange. DLD et STA se posent avec ou sans sceau ; FAO se scelle toujours, et veut un certificat. Les réponses sont toujours scellées.\n")
	routesDeNorme(&b, droits.Norme, droits.Publication)
	b.WriteString("\nSur l'adresse ouverte seulement, pour tous et pour tout cache HTTP (`ETag`, `Cache-Control`, `Range`) : ce que chaque émetteur publie et signe. Un relais y redonne aussi ce que publient les émetteurs de ses `[[relais.source]]`.\n\n| méthode | chemin | sens |\n| --- | --- | --- |\n")
	for _, r := range accrfront.Liste() {
		fmt.Fprintf(&b, "| GET | `%s%s` | %s |\n", droits.Norme.Racine, r.Chemin, cellule(r.Doc))
	}
	b.WriteString("\n## Tarification\n\nSur l'adresse de l'échange. DOS et TAR se scellent par la carte du professionnel, et se chiffrent à travers un relais ; CTL par une AMC ou un opérateur, GRI par le tiers de confiance.\n")
	routesDeNorme(&b, tarif.Norme, tarif.Publication)
	fmt.Fprintf(&b, "\n## Fichiers\n\nSur l'adresse de l'échange, pour un partenaire admis et par son certificat : les fichiers B2 et NOEMIE, qui ne sont pas scellés. `PARTIE` est `es-FINESS` ou `amc-NUMERO` ; `N`, le numéro d'AMC ou le FINESS du partenaire.\n\n| méthode | chemin | sens |\n| --- | --- | --- |\n")
	for _, r := range serveur.RoutesFichiers() {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", r.Methode, r.Chemin, cellule(r.Sens))
	}
	b.WriteString("\n## Annuaire national\n\nSur l'adresse de l'annuaire de santé (`annuaire-sante.adresse`). Sans certificat ni clé, la vue publique ; chaque réponse dit la sienne (`X-Vue`). FHIR R4, en JSON et en XML, sous `/fhir` :\n\n| méthode | chemin | sens |\n| --- | --- | --- |\n")
	for _, r := range annuairefront.Routes() {
		fmt.Fprintf(&b, "| %s | `/fhir%s` | %s |\n", r.Methode, r.Chemin, cellule(r.Dit))
	}
	b.WriteString("\nPar le profil `" + annuairefront.ProfilGuichet + "`, qui est à nous, ce que chacun tient se lit et se change (voir [annuaire](../annuaire.md)) :\n\n| méthode | chemin | sens |\n| --- | --- | --- |\n")
	for _, r := range annuairefront.RoutesGuichet() {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", r.Methode, r.Chemin, cellule(r.Dit))
	}
	b.WriteString("\n## Preuves du journal\n\nSur l'adresse de l'échange, pour qui présente un certificat admis. `PARTIE` est celle dont on lit le journal : `amc-NUMERO`, `es-FINESS`, `relais-ID` ou `annuaire`.\n\n| méthode | chemin | sens |\n| --- | --- | --- |\n")
	for _, r := range journalfront.Liste() {
		fmt.Fprintf(&b, "| GET | `/journal/PARTIE%s` | %s |\n", strings.TrimPrefix(r.Chemin, "/journal"), cellule(r.Doc))
	}
	b.WriteString("\n## Surveillance\n\nSur l'adresse de surveillance (`surveillance`, port 8080), en clair, sur la boucle locale.\n\n| méthode | chemin | sens |\n| --- | --- | --- |\n")
	for _, r := range serveur.RoutesSurveillance() {
		fmt.Fprintf(&b, "| GET | `%s` | %s |\n", r.Chemin, cellule(r.Sens))
	}
	b.WriteString("\n## Interface de l'établissement\n\n| méthode | chemin | sens | jeton |\n| --- | --- | --- | --- |\n")
	for _, r := range etabfront.Routes() {
		jeton := "oui"
		if r.Libre {
			jeton = "non"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", r.Methode, r.Chemin, cellule(r.Doc), jeton)
	}
	return b.String()
}
