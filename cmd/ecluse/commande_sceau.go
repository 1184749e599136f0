package main

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

func commandeSceau() *cli.Command {
	return &cli.Command{
		Name: "sceau", Usage: "scelle un message ou un document, ou vérifie un sceau",
		Commands: []*cli.Command{
			{Name: "signer", Usage: "scelle un message (JSON : enveloppe et corps ; XML : un élément du profil) ou un document XML", ArgsUsage: "FICHIER|-",
				Description: "Un message est relu d'après le profil avant d'être scellé : ce qui n'en est pas un est refusé, sauf avec --libre.\n" +
					"--forme soap fait un message SOAP d'un message JSON du profil.",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "certificat", Required: true, Usage: "certificat de cachet (PEM, chaîne à la suite)"},
					&cli.StringFlag{Name: "cle", Required: true, Usage: "clé du cachet : chemin PEM, ou pkcs11:…"},
					&cli.StringFlag{Name: "forme", Value: "auto", Usage: "auto, rest, soap, ou document (signature XML enveloppée)", Validator: parmi("auto", "rest", "soap", "document")},
					&cli.BoolFlag{Name: "maintenant", Usage: "met l'horodatage à maintenant et tire de nouveaux identifiants avant de sceller"},
					&cli.BoolFlag{Name: "libre", Usage: "scelle aussi ce qui n'est pas un message du profil, tel quel"},
				}, Action: signer},
			{Name: "verifier", Usage: "vérifie un sceau, référence par référence, et juge son certificat", ArgsUsage: "FICHIER|-",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "autorites", Usage: "répertoire de confiance ; sans lui le certificat n'est pas jugé"},
					&cli.StringFlag{Name: "date", Usage: "instant du jugement (RFC 3339) ; maintenant par défaut"},
				}, Action: verifierSceau},
		},
	}
}

func signer(_ context.Context, c *cli.Command) error {
	fichier, err := unArgument(c, unFichierOuLEntree)
	if err != nil {
		return err
	}
	b, err := lireFichier(fichier, serveur.ScelleMax)
	if err != nil {
		return err
	}
	forme := forme(c.String("forme"), b)
	if b, err = preparer(b, forme, c.Bool("maintenant"), c.Bool("libre")); err != nil {
		return err
	}
	chaine, err := serveur.LirePEM(c.String("certificat"))
	if err != nil {
		return err
	}
	k, err := serveur.OuvrirCle(c.String("cle"))
	if err != nil {
		return err
	}
	chaine = append(chaine[:1], serveur.SansRacine(chaine[1:])...)
	var sortie []byte
	switch forme {
	case "rest":
		sortie, err = signerREST(b, chaine, k)
	case "soap":
		sortie, err = signerSOAP(b, chaine, k)
	default:
		sortie, err = xmlsig.SignerDocument(nil, xmlsig.DocumentASigner{Document: b, Niveau: xmlsig.XAdESB},
			xmlsig.Signataire{Certificat: chaine[0], Chaine: chaine[1:], Cle: k}, time.Now())
	}
	if err != nil {
		return err
	}
	_, err = c.Root().Writer.Write(append(sortie, '\n'))
	return err
}

// forme tells what a file is, unless it was said.
func forme(dite string, b []byte) string {
	if dite != "auto" {
		return dite
	}
	b = bytes.TrimSpace(b)
	switch {
	case bytes.HasPrefix(b, []byte("{")):
		return "rest"
	case bytes.Contains(b[:min(len(b), 4096)], []byte(roc.Espace)) || bytes.Contains(b[:min(len(b), 4096)], []byte(sceau.EspaceSOAP)):
		return "soap"
	}
	return "document"
}

// preparer checks that a file is a message of the profile, and gives what is to be
// sealed: in the form asked, at this instant when it is asked too.
func preparer(b []byte, forme string, maintenant, libre bool) ([]byte, error) {
	switch {
	case forme == "document" && maintenant:
		return nil, errors.New("--maintenant : un document XML n'a pas d'horodatage à changer ; il est pour un message du profil")
	case forme == "document" || libre && !maintenant:
		return b, nil
	case libre && forme == "rest":
		return rafraichir(b)
	}
	m, err := reconnaitre(b)
	if err != nil {
		return nil, francais.Conseiller(fmt.Errorf("ce n'est pas un message du profil %s : %w", roc.Profil, err), "--libre le scelle tel quel ; --forme document signe un document XML")
	}
	if !maintenant && m.xml == (forme == "soap") {
		return b, nil
	}
	if maintenant {
		env := m.enveloppe
		env.Horodatage, env.IDMessage, env.IDEchange = time.Now().UTC().Truncate(time.Millisecond), roc.NouvelUUID(), roc.NouvelUUID()
	}
	return m.ecrire(forme == "soap"), nil
}

func signerREST(b []byte, chaine [][]byte, k crypto.Signer) ([]byte, error) {
	canonique, err := jcs.Canoniser(nil, b, jcs.Limites{Taille: serveur.ScelleMax})
	if err != nil {
		return nil, err
	}
	cachet, err := sceau.NewCachet(chaine[0], chaine[1:], k)
	if err != nil {
		return nil, err
	}
	s, err := cachet.REST(canonique, nil, time.Now())
	return s.Octets, err
}

// rafraichir gives a message a new instant and new identifiers.
func rafraichir(b []byte) ([]byte, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, errors.New("message illisible : un objet JSON est attendu")
	}
	var env map[string]any
	if err := json.Unmarshal(m["enveloppe"], &env); err != nil {
		return nil, errors.New("membre « enveloppe » attendu")
	}
	env["horodatage"] = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	env["idMessage"], env["idEchange"] = roc.NouvelUUID().String(), roc.NouvelUUID().String()
	var err error
	if m["enveloppe"], err = json.Marshal(env); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

func signerSOAP(b []byte, chaine [][]byte, k crypto.Signer) ([]byte, error) {
	element, err := xmlsig.Canoniser(nil, b, "", xmlflux.Limites{Octets: serveur.ScelleMax})
	if err != nil {
		return nil, err
	}
	cachet, err := sceau.NewCachet(chaine[0], chaine[1:], k)
	if err != nil {
		return nil, err
	}
	s, err := cachet.SOAP(element, nil, time.Now())
	return s.Octets, err
}

func verifierSceau(_ context.Context, c *cli.Command) error {
	fichier, err := unArgument(c, unFichierOuLEntree)
	if err != nil {
		return err
	}
	a, err := lireInstant(c, "date", time.Now())
	if err != nil {
		return err
	}
	b, err := lireFichier(fichier, serveur.ScelleMax)
	if err != nil {
		return err
	}
	m, err := serveur.MagasinDe(c.String("autorites"))
	if err != nil {
		return err
	}
	w := c.Root().Writer
	var feuille []byte
	var bon bool
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		feuille, bon = verifierREST(w, b)
	} else {
		feuille, bon = verifierXML(w, b)
	}
	if m != nil && feuille != nil {
		if _, err := m.Juger(feuille, nil, certificat.UsageCachet, a); err != nil {
			bon = false
			fmt.Fprintf(w, "✗ certificat : %s\n", francais.Traduire(err))
		} else {
			fmt.Fprintln(w, "✓ certificat de cachet admis, non révoqué")
		}
	} else if feuille != nil {
		fmt.Fprintln(w, "· certificat non jugé (--autorites)")
	}
	if !bon {
		fmt.Fprintln(w, "Sceau refusé.")
		return echec()
	}
	fmt.Fprintln(w, "Sceau intact.")
	return nil
}

func verifierREST(w io.Writer, b []byte) (feuille []byte, bon bool) {
	var m struct {
		Message    json.RawMessage `json:"message"`
		Scellement string          `json:"scellement"`
	}
	if err := json.Unmarshal(b, &m); err != nil || m.Message == nil {
		fmt.Fprintln(w, "✗ message illisible : membres « message » et « scellement » attendus")
		return nil, false
	}
	canonique, err := jcs.Canoniser(nil, m.Message, jcs.Limites{Taille: serveur.ScelleMax})
	if err != nil {
		fmt.Fprintf(w, "✗ message : %s\n", francais.Traduire(err))
		return nil, false
	}
	controles, entete := jades.Expliquer(m.Scellement, canonique, jades.Options{})
	bon = len(controles) > 0
	for _, x := range controles {
		marque := "✓"
		if !x.Valide {
			marque, bon = "✗", false
		}
		detail, _ := francais.Nettoyer(x.Detail)
		fmt.Fprintf(w, "%s %s %s\n", marque, x.Nom, detail)
	}
	if entete != nil && len(entete.Chaine) > 0 {
		feuille = entete.Chaine[0]
		fmt.Fprintf(w, "  algorithme %s, scellé le %s\n", entete.Algorithme, entete.Instant.Format(time.RFC3339))
	}
	return feuille, bon
}

func verifierXML(w io.Writer, b []byte) (feuille []byte, bon bool) {
	var r *xmlsig.Resultat
	var err error
	if bytes.Contains(b[:min(len(b), 4096)], []byte("Envelope")) {
		r, err = xmlsig.VerifierSOAP(b, xmlsig.Options{Limites: xmlflux.Limites{Octets: serveur.ScelleMax}})
	} else {
		r, err = xmlsig.VerifierDocument(b, xmlsig.Options{Limites: xmlflux.Limites{Octets: serveur.ScelleMax}})
	}
	if r != nil {
		feuille = r.Certificat
		for _, x := range r.References {
			marque := "✓"
			if !x.OK {
				marque = "✗"
			}
			fmt.Fprintf(w, "%s %s (%s), %s\n    attendu  %s\n    calculé  %s\n", marque, x.Element, x.URI, strings.Join(x.Transformations, ", "),
				base64.StdEncoding.EncodeToString(x.Attendue), base64.StdEncoding.EncodeToString(x.Calculee))
		}
		fmt.Fprintf(w, "  algorithme %s\n", r.Algorithme)
		if p := r.Proprietes; p != nil {
			fmt.Fprintf(w, "  propriétés XAdES : scellé le %s\n", p.Instant.Format(time.RFC3339))
		}
	}
	if err != nil {
		fmt.Fprintf(w, "✗ %s\n", francais.Traduire(err))
		return feuille, false
	}
	fmt.Fprintln(w, "✓ signature de la clé du certificat")
	return feuille, true
}
