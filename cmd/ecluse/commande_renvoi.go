package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// renvoisMax bounds how many times a return is sent anew.
const renvoisMax = 99

// dernierEnvoi is the last message that carries a return, sealed or as a file, and
// the key of the next.
func dernierEnvoi(ctx context.Context, file *achstore.Store, finess sante.FINESS, numero string) (x *acheminement.Lettre, suivante string, err error) {
	for _, genre := range []string{genreRetour, genreNoemie} {
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

// renvoyerRetour sends again a return whose message was given up: its number, its
// content and its idMessage are the same, so that a hospital that had taken it
// answers as it did. It goes where the last batch says that returns are received.
func renvoyerRetour(ctx context.Context, livre *liqstore.Store, file *achstore.Store, finess sante.FINESS, numero string, instant time.Time) error {
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
			return fmt.Errorf("ce retour n'est pas abandonné (%s) : s'il est lettre morte, « ecluse envois relancer --cle %s »", libelleEnvoi[x.Etat], x.Envoi.Cle)
		}
		contenu, err := file.Contenu(ctx, x.Envoi.Cle)
		if err == nil && x.Envoi.Genre == genreRetour {
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
	x, d := new(pli), new(roc.DemandeRET)
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
