package serveur

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// dernierEnvoi is the last message that carries a return, sealed or as a file, and
// the key of the next.
func dernierEnvoi(ctx context.Context, file *achstore.Store, finess sante.FINESS, numero string) (x *acheminement.Lettre, suivante string, err error) {
	for _, genre := range []string{GenreRetour, GenreNoemie} {
		cle := cleEnvoi(genre, finess.String(), numero)
		suivante = cle
		for n := 2; n <= renvoisMax+1; n++ {
			un, err := file.Regarder(ctx, suivante)
			if errors.Is(err, acheminement.ErrInconnu) {
				break
			}
			if err != nil {
				return nil, "", err
			}
			x, suivante = un, cle+renvoiMarque+strconv.Itoa(n)
		}
		if x != nil {
			return x, suivante, nil
		}
	}
	return nil, "", acheminement.ErrInconnu
}

// CodeEnvoi says the code of the last failure of a message.
func CodeEnvoi(code string) string {
	if code == "" {
		return "aucun échec"
	}
	return "dernier échec " + code
}

// SuiteDuRetour tells where a return stands, and who must act.
func SuiteDuRetour(ctx context.Context, file *achstore.Store, r *liquidation.RetourEmis) (etat, suite string, err error) {
	if !r.Acquitte.IsZero() {
		s := r.Code.Signification()
		if r.Code == roc.AvecReserve {
			dit := "il ne connaît pas toutes ces factures, ou n'attend pas ce paiement"
			if r.Precision != "" {
				dit = "il dit « " + r.Precision + " »"
			}
			return "sous réserve", "établissement : " + dit + " ; il les a sous « ecluse reserves lister » ; comparer les deux livres", nil
		}
		if r.Precision != "" {
			return string(r.Code) + " " + s.Libelle + " : " + r.Precision, s.Qui, nil
		}
		return string(r.Code) + " " + s.Libelle, s.Qui, nil
	}
	x, _, err := dernierEnvoi(ctx, file, r.Finess, r.Numero)
	if errors.Is(err, acheminement.ErrInconnu) {
		return "aucun", "AMC : ce retour n'est plus dans la file, le renvoyer par un autre moyen", nil
	}
	if err != nil {
		return "", "", err
	}
	switch x.Etat {
	case acheminement.Mort:
		return CodeEnvoi(x.Code), "AMC : « ecluse envois reparer » ou « relancer », clé " + x.Envoi.Cle, nil
	case acheminement.Abandonne:
		return "abandonné", "AMC : « ecluse factures retours --renvoyer " + r.Numero + " », ou prévenir l'établissement par un autre moyen", nil
	}
	devant, err := file.Devant(ctx, x.Envoi.Cle)
	if err != nil {
		return "", "", err
	}
	if devant != "" {
		return "retenu", "AMC : « ecluse envois relancer » ou « abandonner » la lettre morte qui passe avant lui, clé " + devant, nil
	}
	return "attendu", "personne : il part, ou sera renvoyé", nil
}

// renvoisMax bounds how many times a return is sent anew.
const renvoisMax = 99

// RenvoyerRetour sends again a return whose message was given up: its number, its
// content and its idMessage are the same, so that a hospital that had taken it
// answers as it did. It goes where the last batch says that returns are received.
func RenvoyerRetour(ctx context.Context, livre *liqstore.Store, file *achstore.Store, finess sante.FINESS, numero string, instant time.Time) error {
	return livre.Transaction(ctx, func(ctx context.Context) error {
		r, err := livre.Retour(ctx, numero)
		switch {
		case err != nil:
			return err
		case r == nil || r.Finess != finess:
			return errors.New("cette AMC n'a fait aucun retour de ce numéro à cet établissement")
		case !r.Acquitte.IsZero():
			return errors.New("l'établissement a déjà acquitté ce retour")
		}
		x, cle, err := dernierEnvoi(ctx, file, finess, numero)
		if errors.Is(err, acheminement.ErrInconnu) {
			return errors.New("ce retour n'est plus dans la file : prévenir l'établissement par un autre moyen")
		}
		if err != nil {
			return err
		}
		if x.Etat != acheminement.Abandonne {
			return fmt.Errorf("ce retour n'est pas abandonné (%s) : s'il est lettre morte, « ecluse envois relancer --cle %s »", LibelleEnvoi[x.Etat], x.Envoi.Cle)
		}
		contenu, err := file.Contenu(ctx, x.Envoi.Cle)
		if err == nil && x.Envoi.Genre == GenreRetour {
			contenu, err = readresser(ctx, livre, finess, contenu)
		}
		if err != nil {
			return err
		}
		e := &x.Envoi
		return file.Poster(ctx, &acheminement.Envoi{Destinataire: e.Destinataire, Transport: e.Transport, Adresse: e.Adresse, Genre: e.Genre,
			Ordre: e.Ordre, Cle: cle, Contenu: contenu, Instant: instant})
	})
}

// readresser reads a return again as its hospital will, and writes where it goes now.
func readresser(ctx context.Context, livre *liqstore.Store, finess sante.FINESS, contenu []byte) ([]byte, error) {
	x, d := new(Pli), new(roc.DemandeRET)
	err := json.Unmarshal(contenu, x)
	if err == nil {
		err = roc.EchangeRET.CorpsDemande.DecodeJSON(x.Corps, d)
	}
	if err == nil {
		err = d.Verifier()
	}
	if err != nil {
		return nil, fmt.Errorf("aucun établissement ne saurait lire ce retour, il ne repart pas : prévenir l'établissement par un autre moyen : %w", err)
	}
	adresse, err := livre.AdresseRetour(ctx, finess)
	if err == nil {
		x.Adresse = adresse
	} else if !errors.Is(err, liqstore.ErrSansAdresse) {
		return nil, err
	}
	return json.Marshal(x)
}

// LibelleEnvoi says the state of a message in the queue.
var LibelleEnvoi = map[acheminement.Etat]string{acheminement.EnAttente: "en attente", acheminement.Retenu: "retenu", acheminement.Pret: "à envoyer",
	acheminement.Livre: "livré", acheminement.Mort: "lettre morte", acheminement.Abandonne: "abandonné"}
