package charger

import (
	"context"
	"hash/maphash"

	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// etiquette is what a piece is: from which file, and of which side.
type etiquette byte

// Pieces of a person come in this order, those of a structure in theirs: what makes a
// record before what is added to it.
const (
	pActivite etiquette = 1 + iota // line of Personne_activite, the person's part
	pSavoir
	pDiplome
	pBAL
	pCarte
	pCertificat
	pRestreint // line of the restricted extraction
	pFichePraticien
	pFicheSituation
	pToucher // nothing is said, but a place has changed: to be made again

	sFINESS     // line of the structures
	sReseau     // line of the networks
	sActivite   // line of Personne_activite, the structure's part
	sBAL        // line of a mailbox
	sCertificat //
	sMembre
	sSoin // line of the activities
	sEquipement
	sFicheStructure
	sFicheActivite
	sFicheEquipement

	rBAL // to be attached: see rattacher.go
	rCertificat
	rMembre
)

// lecture is the reading of feeds into drawers.
type lecture struct {
	personnes, structures *tiroirs
	rattacher             suite
	compte                *compte
	vue                   *image.Vue // what stands, to find what an ended record belongs to
}

// lecteur is the reading of one feed.
type lecteur struct {
	*lecture
	vp, vs   versement
	b, cle   []byte
	graine   maphash.Seed
	dites    ensemble // contents of structures already put
	idEnCle  string   // key of the structure that is in id
	id       string
	anonymes int64 // lines that name nobody
}

// lire reads one feed to its end.
func (l *lecture) lire(ctx context.Context, f *Flux) (FluxLu, error) {
	x := &lecteur{lecture: l, graine: maphash.MakeSeed()}
	x.vp.t, x.vs.t = l.personnes, l.structures
	var lu FluxLu
	var err error
	if f.Fiches != nil {
		lu, err = x.lireFiches(ctx, f)
	} else {
		lu, err = x.lireFichier(ctx, f)
	}
	if err != nil {
		return lu, err
	}
	for _, v := range [...]*versement{&x.vp, &x.vs} {
		if err := v.finir(); err != nil {
			return lu, &Refus{Motif: MotifTravail, Cause: err}
		}
	}
	return lu, nil
}

// lireFichier reads a file.
func (x *lecteur) lireFichier(ctx context.Context, f *Flux) (lu FluxLu, err error) {
	lu.Nom, lu.Cle, lu.Instant = f.nom(), f.cle(), f.Instant
	r, err := f.Ouvrir(ctx)
	if err != nil {
		return lu, refusFlux(f.nom(), err)
	}
	defer r.Close()
	g := rass.Reglage{LigneMax: f.LigneMax, Entete: f.Entete, Signaler: func(a rass.Anomalie) { x.compte.ligne(a) }}
	e, err := g.Lecteur(lecteurAnnulable{ctx, r}, f.Fichier)
	if err != nil {
		return lu, refusFlux(f.nom(), err)
	}
	lu.Portee = Entier
	if e.Forme().Delta {
		lu.Portee = Differences
	}
	poser := x.poseur(f.Fichier)
	for e.Next() {
		lu.Lignes++
		if err := poser(e.Ligne()); err != nil {
			return lu, &Refus{Motif: MotifTravail, Cause: err}
		}
		if x.vp.err != nil || x.vs.err != nil {
			break
		}
	}
	if err := e.Err(); err != nil {
		return lu, refusFlux(f.nom(), err)
	}
	lu.Rejetees = e.Compte(rass.MotifChamps) + e.Compte(rass.MotifLongue) + e.Compte(rass.MotifOperation) + x.anonymes
	lu.Reparees = e.Compte(rass.MotifUTF8)
	return lu, nil
}

// poseur is what puts the lines of a file in drawers.
func (x *lecteur) poseur(f rass.Fichier) func(*rass.Ligne) error {
	switch f {
	case rass.PersonneActivite:
		return x.activite
	case rass.SavoirFaire:
		return x.personne(pSavoir, rass.SFIDNat, rass.SFTypeIdentifiant, rass.SFIdentifiant, int(rass.SFNombre))
	case rass.Diplomes:
		return x.personne(pDiplome, rass.DAIDNat, rass.DATypeIdentifiant, rass.DAIdentifiant, int(rass.DANombre))
	case rass.Porteurs:
		return x.personne(pCarte, rass.POIDNat, rass.POTypeIdentifiant, rass.POIdentifiant, int(rass.PONombre))
	case rass.ProSanteConnect:
		return x.personne(pRestreint, rass.PSCIDNat, rass.PSCTypeIdentifiant, rass.PSCIdentifiant, int(rass.PSCCodeCategorie)+1)
	case rass.MSSante:
		return x.attacher(rBAL, int(rass.MSNombre))
	case rass.Certificats:
		return x.attacher(rCertificat, int(rass.CENombre))
	case rass.Membres:
		return x.attacher(rMembre, int(rass.MENombre))
	case rass.Structures:
		return x.structureFINESS
	case rass.Reseaux:
		return x.reseau
	case rass.Activites:
		return x.duSite(sSoin, rass.ACFINESS, rass.ACFINESS, int(rass.ACNombre))
	case rass.Equipements:
		return x.duSite(sEquipement, rass.EQFINESS, rass.EQFINESSJuridique, int(rass.EQNombre))
	}
	return func(*rass.Ligne) error { return nil }
}
