package laboratoire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// histoireRefus is the title of the last story.
const histoireRefus = "Ce qui est refusé, et pourquoi"

// refus plays one refusal of each kind: what the demonstration expects is the
// code.
func (r *Recit) refus(ctx context.Context) error {
	debut := len(r.etapes)
	hopital := r.parties[monde.CleHopital].Etablissements[0]
	h := monde.Histoire{Patient: r.temoin.monde.Patient("solene"), Etablissement: r.temoin.monde.Etablissement(monde.CleHopital), Contexte: roc.ContexteACE,
		Entree: r.temoin.monde.Jour, DMT: "900", MT: "07"}
	idb := &roc.DemandeIDB{Entete: r.temoin.monde.Entete(&h, 1)}
	temoin, err := r.envoyer(ctx, hopital.Client, idb)
	if err != nil {
		return fmt.Errorf("question témoin : %w", err)
	}
	r.alterer(ctx, temoin)
	r.rejouer(ctx, temoin)
	if err := r.porterEtranger(ctx, hopital.Client, idb); err != nil {
		return err
	}
	if err := r.identites(ctx); err != nil {
		return err
	}
	if err := r.annuaireHostile(ctx, hopital.Client, idb); err != nil {
		return err
	}
	if err := r.revoquer(ctx, hopital.Client, idb); err != nil {
		return err
	}
	return r.prouver(ctx, monde.CleHopital, debut)
}

// envoyer asks a question with a client and gives what its registry was told.
func (r *Recit) envoyer(ctx context.Context, c *roc.Client, d *roc.DemandeIDB) (*roc.Arrivee, error) {
	o := r.observes[monde.CleHopital]
	o.prendre()
	_, err := c.IDB(ctx, "REFUS", d)
	l := o.prendre()
	if len(l) == 0 {
		return nil, errors.Join(err, errors.New("aucun échange"))
	}
	return &l[len(l)-1], err
}

// attendre makes a step of an exchange that must end with a code.
func (r *Recit) attendre(a *roc.Arrivee, titre, recit, queFaire string, code roc.Code) {
	x := r.exchange(monde.CleHopital, histoireRefus, a)
	x.Titre, x.Recit = titre, []string{recit}
	if a.Refus != nil {
		x.Refuse(a.Refus, queFaire)
	}
	x.Attendu = "refus " + string(code)
	if x.Ok = x.Code == code; !x.Ok {
		x.Constate = "code " + string(x.Code)
	}
	r.ajouter(*x)
}

// Poster sends bytes on the channel of a structure, and reads the answer as the
// hospital would.
func (r *Recit) poster(ctx context.Context, a *roc.Arrivee, brut []byte, auth *tls.Certificate) *roc.Arrivee {
	p := r.parties[monde.CleHopital]
	b := *a
	b.Depart.Scelle, b.Depart.Instant = brut, r.temoin.horloge()
	return posterBrut(ctx, p, auth, r.adresses[monde.CleMoulin], roc.IDB, &b)
}

func (r *Recit) alterer(ctx context.Context, t *roc.Arrivee) {
	p := r.parties[monde.CleHopital]
	brut := bytes.Replace(t.Depart.Scelle, []byte("SOLENE"), []byte("MARINE"), 1)
	if bytes.Equal(brut, t.Depart.Scelle) {
		brut = bytes.Replace(t.Depart.Scelle, []byte("REFUS"), []byte("REFUZ"), 1)
	}
	auth, _, _ := serveur.LireCle(p.Fichier, p.Fichier.Etablissements[0].Identite.Authentification)
	r.attendre(r.poster(ctx, t, brut, auth), "Une question modifiée en chemin", "Un mot de la question est changé après qu'elle a été scellée.",
		"Rien n'a été lu : renvoyer la question telle qu'elle a été scellée, et chercher qui l'a modifiée.", roc.SceauInvalide)
}

func (r *Recit) rejouer(ctx context.Context, t *roc.Arrivee) {
	p := r.parties[monde.CleNonLucratif]
	auth, _, _ := serveur.LireCle(p.Fichier, p.Fichier.Etablissements[0].Identite.Authentification)
	r.attendre(r.poster(ctx, t, t.Depart.Scelle, auth), "Une question captée, rejouée par un autre",
		"Un autre établissement présente sur son propre canal une question que l'hôpital avait scellée.",
		"Le sceau est bon mais le canal n'est pas celui de l'hôpital : l'incident est signalé.", roc.Rejeu)
}

// porterEtranger sends a new question of the hospital through a relay that nobody
// admitted: its certificates are good, it is not in the circle.
func (r *Recit) porterEtranger(ctx context.Context, c *roc.Client, d *roc.DemandeIDB) error {
	s := &r.temoin.monde.RelaisEtranger
	e, err := r.emettre(ctx, igc.Demande{Profil: igc.ProfilOrgAuth, Sujet: Sujet(s, "LABO "+s.Identifiant)}, s.Cle, filepath.Join(r.dir, "etranger", "authentification"))
	if err != nil {
		return err
	}
	brut, a, err := r.sceller(c, d)
	if err != nil {
		return err
	}
	auth := &tls.Certificate{Certificate: append([][]byte{e.Certificat.Raw}, serveur.SansRacine(e.Chaine)...), PrivateKey: e.Cle}
	r.attendre(r.poster(ctx, a, brut, auth), "Un relais que personne n'a admis", "Une question bien scellée arrive par un relais hors du cercle de confiance.",
		"L'AMC admet ses relais : « ecluse partenaire admettre », puis « porter ».", roc.HorsCercle)
	return nil
}

// sceller writes a question of a hospital without sending it.
func (r *Recit) sceller(c *roc.Client, d *roc.DemandeIDB) ([]byte, *roc.Arrivee, error) {
	m := roc.Message[roc.DemandeIDB]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: roc.Profil, Service: roc.IDB, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "REFUS", Horodatage: r.temoin.horloge(), Emetteur: c.Moi,
		Destinataire: roc.Partie{Type: roc.AMC, ID: d.Carte.NumeroAMC.String()}, Environnement: c.Environnement}}
	a := &roc.Arrivee{Depart: roc.Depart{Service: roc.IDB, IDMessage: m.Enveloppe.IDMessage, IDEchange: m.Enveloppe.IDEchange,
		Destinataire: m.Enveloppe.Destinataire, Corps: d}}
	s, err := c.Cachet().REST(roc.EchangeIDB.Demande.AppendJSON(nil, &m), nil, m.Enveloppe.Horodatage)
	return s.Octets, a, err
}

// identites plays the refusals that the world knows: identity, rights, directory.
func (r *Recit) identites(ctx context.Context) error {
	l, err := r.temoin.monde.Refus()
	if err != nil {
		return err
	}
	for i := range l {
		x := &l[i]
		cle := x.Etablissement.Cle
		c, o := r.parties[cle].Etablissements[0].Client, r.observes[cle]
		o.prendre()
		if x.IDB != nil {
			_, err = c.IDB(ctx, x.Dossier, x.IDB)
		} else {
			_, err = c.Annuaire(ctx, x.Dossier, x.Annuaire)
		}
		vus := o.prendre()
		if len(vus) == 0 {
			return fmt.Errorf("%s : %w", x.Titre, err)
		}
		a := &vus[len(vus)-1]
		e := r.exchange(cle, histoireRefus, a)
		e.Titre, e.Attendu = x.Titre, "refus "+string(x.Code)
		if e.Ok = e.Code == x.Code; !e.Ok {
			e.Constate = "code " + string(e.Code)
		}
		r.ajouter(*e)
	}
	return nil
}

// annuaireHostile asks a directory that is not the one that makes faith.
func (r *Recit) annuaireHostile(ctx context.Context, c *roc.Client, d *roc.DemandeIDB) error {
	trompe := *c
	trompe.Annuaires.Adresse = r.adresses[cleHostile]
	trompe.Resolveur = trompe.NewResolveur(nil)
	a, _ := r.envoyer(ctx, &trompe, d)
	if a == nil {
		return errors.New("annuaire hostile : aucun échange")
	}
	r.attendre(a, "Un annuaire hostile", "L'adresse de l'annuaire a été détournée : un autre répond, avec un vrai certificat et un vrai sceau, mais pas les siens.",
		"L'établissement sait quelle structure fait foi : il ne croit pas la réponse et n'écrit à personne.", roc.AutreIdentifiant)
	return nil
}

// revoquer revokes a seal of the hospital made for this, and asks with it.
func (r *Recit) revoquer(ctx context.Context, c *roc.Client, d *roc.DemandeIDB) error {
	s := &r.temoin.monde.Etablissement(monde.CleHopital).Structure
	e, err := r.emettre(ctx, igc.Demande{Profil: igc.ProfilOrgSign, Sujet: Sujet(s, "LABO CACHET PERDU")}, s.Cle, filepath.Join(r.dir, "perdu", "cachet"))
	if err != nil {
		return err
	}
	cachet, err := sceau.NewCachet(e.Certificat.Raw, serveur.SansRacine(e.Chaine), e.Cle)
	if err != nil {
		return err
	}
	if err := r.IGC.Revoquer(ctx, e.Fiche.AC, e.Fiche.Serie, certificat.RaisonCleCompromise, time.Time{}, "démonstration"); err != nil {
		return err
	}
	liste, err := r.IGC.Publier(ctx, e.Fiche.AC, r.temoin.horloge())
	if err != nil {
		return err
	}
	if _, err := r.parties[monde.CleMoulin].Magasin.AjouterCRL(liste.DER); err != nil {
		return err
	}
	perdu := *c
	perdu.Cachet = func() *sceau.Cachet { return cachet }
	a, _ := r.envoyer(ctx, &perdu, d)
	if a == nil {
		return errors.New("cachet révoqué : aucun échange")
	}
	r.attendre(a, "Un cachet révoqué", "La clé du cachet a été déclarée compromise, la liste de révocation est publiée.",
		"Sceller avec le nouveau cachet : « ecluse igc renouveler », sans redémarrage.", roc.CertificatRefuse)
	return nil
}
