package charger

import (
	"context"
	"hash/maphash"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
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
		return x.personne(pRestreint, rass.PSCIDNat, rass.PSCTypeIdentifiant, rass.PSCIdentifiant, int(rass.PSCNombre))
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

// appendChamps appends the columns of a line from one to another, a bar after each.
func appendChamps(b []byte, l *rass.Ligne, de, a rass.Colonne) []byte {
	for c := de; c <= a; c++ {
		b = append(append(b, l.Champ(c)...), '|')
	}
	return b
}

// appendIDNat appends the national number of a person, made of its parts when the line
// does not have it whole.
func appendIDNat(b []byte, l *rass.Ligne, idNat, sorte, numero rass.Colonne) []byte {
	if x := l.Champ(idNat); len(x) > 0 {
		return append(b, x...)
	}
	if n := l.Champ(numero); len(n) > 0 {
		return append(append(b, l.Champ(sorte)...), n...)
	}
	return b
}

// personne puts the lines of a file about persons: the national number, then all
// columns.
func (x *lecteur) personne(e etiquette, idNat, sorte, numero rass.Colonne, n int) func(*rass.Ligne) error {
	return func(l *rass.Ligne) error {
		x.b = appendIDNat(x.b[:0], l, idNat, sorte, numero)
		if len(x.b) == 0 {
			x.sansNom(l)
			return nil
		}
		h := hacher(x.b)
		x.b = appendChamps(append(x.b, '|'), l, 0, rass.Colonne(n-1))
		x.vp.poser(h, e, byte(l.Operation()), x.b)
		return nil
	}
}

// attacher puts aside the lines that name a structure by a number of any kind.
func (x *lecteur) attacher(e etiquette, n int) func(*rass.Ligne) error {
	return func(l *rass.Ligne) error {
		x.b = appendChamps(x.b[:0], l, 0, rass.Colonne(n-1))
		return x.rattacher.poser(e, byte(l.Operation()), x.b)
	}
}

// duSite puts the lines about what a site has.
func (x *lecteur) duSite(e etiquette, finess, juridique rass.Colonne, n int) func(*rass.Ligne) error {
	return func(l *rass.Ligne) error {
		num := l.Champ(finess)
		if len(num) == 0 {
			num = l.Champ(juridique)
		}
		if len(num) == 0 {
			x.sansNom(l)
			return nil
		}
		id := x.structureID(append(append(x.cle[:0], 'F'), num...))
		x.b = append(append(x.b[:0], id...), '|')
		x.b = appendChamps(x.b, l, 0, rass.Colonne(n-1))
		x.vs.poser(hacher(id), e, byte(l.Operation()), x.b)
		return nil
	}
}

// sansNom counts a line that names nobody.
func (x *lecteur) sansNom(*rass.Ligne) { x.anonymes++ }

// structureID is the identifier made by a key; the lines of one structure often follow
// each other.
func (x *lecteur) structureID(cle []byte) string {
	x.cle = cle
	if len(cle) == 0 {
		return ""
	}
	if x.idEnCle != string(cle) {
		x.idEnCle = string(cle)
		x.id = IDStructure(x.idEnCle)
	}
	return x.id
}

// The person's part of a line of Personne_activite, after the national number.
const (
	qTypeID = 1 + iota
	qNumero
	qCiviliteExercice
	_
	qCivilite
	_
	qNom
	qPrenom
	qProfession
	_
	qCategorie
	_
	qTypeSavoir
	_
	qSavoir
	_
	qMode
	_
	qStructure
	qAutorite
	qSection
	_
	qRole
	_
	qGenre
	_
	qFin
)

// activite cuts a line in two: what the person does, and where.
func (x *lecteur) activite(l *rass.Ligne) error {
	x.b = appendIDNat(x.b[:0], l, rass.PAIDNat, rass.PATypeIdentifiant, rass.PAIdentifiant)
	if len(x.b) == 0 {
		x.sansNom(l)
		return nil
	}
	h := hacher(x.b)
	n := NumerosStructure[[]byte]{FINESS: l.Champ(rass.PAFINESS), FINESSJuridique: l.Champ(rass.PAFINESSJuridique),
		IDTechnique: l.Champ(rass.PAIDTechnique), SIRET: l.Champ(rass.PASIRET), SIREN: l.Champ(rass.PASIREN),
		Raison: l.Champ(rass.PARaisonSociale), CodePostal: l.Champ(rass.PACodePostal), Voie: l.Champ(rass.PALibelleVoie)}
	id := x.structureID(n.AppendCle(x.cle[:0]))
	b := appendChamps(append(x.b, '|'), l, rass.PATypeIdentifiant, rass.PAIdentifiant)
	b = appendChamps(b, l, rass.PACodeCiviliteExercice, rass.PAMode)
	b = append(append(b, id...), '|')
	b = appendChamps(b, l, rass.PAAutorite, rass.PAAutorite)
	b = appendChamps(b, l, rass.PACodeSection, rass.PAGenre)
	x.vp.poser(h, pActivite, byte(l.Operation()), b)
	x.b = b
	if id == "" || l.Operation() == rass.Retrait {
		return nil
	}
	b = append(append(x.b[:0], id...), '|')
	b = appendChamps(b, l, rass.PASIRET, rass.PAAncienID)
	b = appendChamps(b, l, rass.PACodeSecteur, rass.PASecteur)
	x.b = b
	if x.dites.ajouter(maphash.Bytes(x.graine, b)) {
		x.vs.poser(hacher(id), sActivite, 0, b)
	}
	return nil
}

// structureFINESS puts a line of the structures.
func (x *lecteur) structureFINESS(l *rass.Ligne) error {
	n := NumerosStructure[[]byte]{FINESS: l.Champ(rass.STFINESS), FINESSJuridique: l.Champ(rass.STFINESSJuridique),
		IDTechnique: l.Champ(rass.STIDTechnique), SIRET: l.Champ(rass.STSIRET), SIREN: l.Champ(rass.STSIREN),
		Raison: l.Champ(rass.STRaisonSociale), CodePostal: l.Champ(rass.STCodePostal), Voie: l.Champ(rass.STLibelleVoie),
		Juridique: estJuridique(l.Champ(rass.STNature))}
	id := x.structureID(n.AppendCle(x.cle[:0]))
	if id == "" {
		x.sansNom(l)
		return nil
	}
	x.b = append(append(x.b[:0], id...), '|')
	x.b = appendChamps(x.b, l, 0, rass.STNombre-1)
	x.vs.poser(hacher(id), sFINESS, byte(l.Operation()), x.b)
	return nil
}

func (x *lecteur) reseau(l *rass.Ligne) error {
	num := l.Champ(rass.REIdentifiant)
	if len(num) == 0 {
		x.sansNom(l)
		return nil
	}
	id := IDReseau(string(num))
	x.b = append(append(x.b[:0], id...), '|')
	x.b = appendChamps(x.b, l, 0, rass.RENombre-1)
	x.vs.poser(hacher(id), sReseau, byte(l.Operation()), x.b)
	return nil
}

// estJuridique reads the kind of a structure in a file. hyp: CHARGER-NATURE
func estJuridique[T texte](nature T) bool {
	switch string(nature) {
	case "EJ", "LEGAL-ENTITY":
		return true
	}
	return false
}

// lireFiches reads records.
func (x *lecteur) lireFiches(ctx context.Context, f *Flux) (lu FluxLu, err error) {
	lu.Nom, lu.Cle, lu.Instant, lu.Portee = f.nom(), f.cle(), f.Instant, Differences
	if len(f.Entieres) > 0 {
		lu.Portee = Entier
	}
	for c, err := range f.Fiches {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return lu, refusFlux(f.nom(), err)
		}
		if err := x.fiche(&c); err != nil {
			return lu, err
		}
		lu.Lignes++
		if x.vp.err != nil || x.vs.err != nil {
			break
		}
	}
	return lu, nil
}

// fiche puts one record in the drawer of what it is about.
func (x *lecteur) fiche(c *annuaire.Changement) error {
	n, e := c.Entete()
	if n == 0 || n > annuaire.Equipements || !idValide(n, e.ID) {
		return &Refus{Motif: MotifFiche}
	}
	cle := e.ID
	if n != annuaire.Praticiens && n != annuaire.Structures {
		cle = x.appartient(n, c)
	}
	x.b = append(append(x.b[:0], cle...), '|')
	x.b = image.Encoder(x.b, c)
	if len(x.b) > morceauMax {
		return &Refus{Motif: MotifFiche, Detail: "fiche de plus d'un mébioctet"}
	}
	v, quoi := &x.vs, [...]etiquette{annuaire.Praticiens: pFichePraticien, annuaire.Situations: pFicheSituation,
		annuaire.Structures: sFicheStructure, annuaire.Activites: sFicheActivite, annuaire.Equipements: sFicheEquipement}[n]
	if n == annuaire.Praticiens || n == annuaire.Situations {
		v = &x.vp
	}
	v.poser(hacher(cle), quoi, 0, x.b)
	return nil
}

// appartient is the identifier of what a record belongs to. One that has ended may not
// say it: it is then that of the record that stands.
func (x *lecteur) appartient(n annuaire.Nature, c *annuaire.Changement) string {
	_, e := c.Entete()
	cle := proprietaire(c)
	if cle != "" || x.vue == nil {
		return cle
	}
	if r, ok := x.vue.ParID(n, e.ID); ok {
		k := x.vue.Lire(r)
		return proprietaire(&k)
	}
	return ""
}

func proprietaire(c *annuaire.Changement) string {
	switch {
	case c.Situation != nil:
		return c.Situation.Praticien
	case c.Activite != nil:
		return c.Activite.Structure
	case c.Equipement != nil:
		return c.Equipement.Structure
	}
	return ""
}

// idValide tells whether a text has the form of an identifier of this nature.
func idValide(n annuaire.Nature, id string) bool {
	return len(id) == longueurID && id[0] == " psoaeb"[n]
}

const longueurID = 17
