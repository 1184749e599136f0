package annuaire

import (
	"errors"
	"fmt"
	"strings"
)

// Acteur is a reader, as his door proved who he is.
type Acteur struct {
	ID      string // under which he is counted and traced
	Famille string
	// Praticiens are the IDs of his own records, Structures those that he directs, with
	// the sites of his legal entities, Domaines those that he operates, Autorites the
	// codes of his authority.
	Praticiens, Structures, Domaines, Autorites []string
	// Agents tells whether a professional works in his structures; nil for none.
	Agents func(praticien string) bool
	// Motif is the purpose of his reading, which a traced view asks for.
	Motif string
}

// Errors of views.
var (
	ErrFamille  = errors.New("annuaire: famille d'acteurs inconnue : en choisir une de familles.csv")
	ErrMotif    = errors.New("annuaire: ce regard donne des données restreintes : dire le motif de la lecture")
	ErrInterdit = errors.New("annuaire: ce regard ne donne pas ce champ : « ecluse annuaire pourquoi » dit qui peut l'ouvrir")
)

// Vision is what one actor sees: his view, and what is his. It is made once for a
// session and asked for each record; it is safe for concurrent use.
type Vision struct {
	regard    *Regard
	acteur    *Acteur
	actives   [NombreNatures]Chemins
	inactives [NombreNatures]Chemins
	soi       ensemble
	lieux     ensemble
	domaines  ensemble
	autorites ensemble
}

type ensemble map[string]struct{}

func (e ensemble) a(s string) bool {
	_, ok := e[s]
	return ok
}

func ensembleDe(l []string) ensemble {
	if len(l) == 0 {
		return nil
	}
	e := make(ensemble, len(l))
	for _, s := range l {
		e[s] = struct{}{}
	}
	return e
}

// Vision gives what an actor sees.
func (l *Regards) Vision(a *Acteur) (*Vision, error) {
	f, ok := l.familles[a.Famille]
	if !ok {
		return nil, ErrFamille
	}
	r := l.par[f.Regard]
	if r.Tracee && strings.TrimSpace(a.Motif) == "" {
		return nil, ErrMotif
	}
	v := &Vision{regard: r, acteur: a, actives: r.actives, inactives: r.inactives,
		soi: ensembleDe(a.Praticiens), lieux: ensembleDe(a.Structures), autorites: ensembleDe(a.Autorites)}
	if len(a.Domaines) > 0 {
		v.domaines = make(ensemble, len(a.Domaines))
		for _, d := range a.Domaines {
			v.domaines[strings.ToLower(d)] = struct{}{}
		}
	}
	return v, nil
}

// Regard is the view of the actor.
func (v *Vision) Regard() *Regard { return v.regard }

// Acteur is whose vision it is.
func (v *Vision) Acteur() *Acteur { return v.acteur }

func (v *Vision) chemins(n Nature, actif bool) Chemins {
	if actif {
		return v.actives[n]
	}
	return v.inactives[n]
}

// Praticien is what the actor sees of a professional; nothing when it lacks CheminID.
func (v *Vision) Praticien(p *Praticien) Chemins {
	b := v.chemins(Praticiens, p.Actif) | v.tenue(Praticiens, &p.Entete)
	if v.soi.a(p.ID) {
		b |= v.regard.siennes[PorteeSoi][Praticiens]
	}
	if c := v.regard.siennes[PorteeStructure][Praticiens]; c&^b != 0 && v.acteur.Agents != nil && v.acteur.Agents(p.ID) {
		b |= c
	}
	return b
}

// Situation is what the actor sees of a situation.
func (v *Vision) Situation(s *Situation) Chemins {
	b := v.chemins(Situations, s.Actif) | v.tenue(Situations, &s.Entete)
	if v.soi.a(s.Praticien) {
		b |= v.regard.siennes[PorteeSoi][Situations]
	}
	return b | v.dans(Situations, s.Structure)
}

// Structure is what the actor sees of a structure; the sites of a legal entity that he
// directs are his.
func (v *Vision) Structure(s *Structure) Chemins {
	return v.chemins(Structures, s.Actif) | v.tenue(Structures, &s.Entete) | v.dans(Structures, s.ID) | v.dans(Structures, s.Juridique)
}

// Activite is what the actor sees of an activity.
func (v *Vision) Activite(a *Activite) Chemins {
	return v.chemins(Activites, a.Actif) | v.tenue(Activites, &a.Entete) | v.dans(Activites, a.Structure)
}

// Acces is what the actor sees of an access point; those of an insurer that he directs
// are his.
func (v *Vision) Acces(a *PointAcces) Chemins {
	return v.chemins(Acces, a.Actif) | v.tenue(Acces, &a.Entete) | v.dans(Acces, a.Organisme)
}

// Equipement is what the actor sees of an equipment.
func (v *Vision) Equipement(e *Equipement) Chemins {
	return v.chemins(Equipements, e.Actif) | v.tenue(Equipements, &e.Entete) | v.dans(Equipements, e.Structure)
}

func (v *Vision) tenue(n Nature, e *Entete) Chemins {
	if v.autorites != nil && e.Trace.Autorite.Code != "" && v.autorites.a(e.Trace.Autorite.Code) {
		return v.regard.siennes[PorteeAutorite][n]
	}
	return 0
}

func (v *Vision) dans(n Nature, structure string) Chemins {
	if v.lieux != nil && structure != "" && v.lieux.a(structure) {
		return v.regard.siennes[PorteeStructure][n]
	}
	return 0
}

// boite is what the actor sees of one mailbox of a record of which he sees b.
func (v *Vision) boite(n Nature, b Chemins, adresse string) Chemins {
	c := v.regard.siennes[PorteeDomaines][n]
	if c&^b == 0 || v.domaines == nil {
		return b
	}
	domaine := adresse[strings.LastIndexByte(adresse, '@')+1:]
	if v.domaines.a(domaine) || v.domaines.a(strings.ToLower(domaine)) {
		b |= c
	}
	return b
}

// Admet tells whether a question asks only about what the actor sees of every record:
// a field that is hidden from him, or shown for his own records only, cannot be
// searched, or the answer would tell what it holds.
func (v *Vision) Admet(q *Question) error {
	if q.Nature == 0 || q.Nature >= NombreNatures {
		return ErrOperateur
	}
	return v.admetCritere(q.Nature, q.Critere, 0)
}

// profondeurCritere bounds the walk of a question: doors bound it more.
const profondeurCritere = 64

func (v *Vision) admetCritere(n Nature, c *Critere, profondeur int) error {
	if c == nil {
		return nil
	}
	if profondeur > profondeurCritere || n == 0 || n >= NombreNatures {
		return ErrTropLarge
	}
	fils, porteur := n, n
	switch c.Op {
	case Vers:
		fils = c.Nature
	case Depuis:
		fils, porteur = c.Nature, c.Nature
	}
	if c.Champ != 0 {
		if chemin, ok := cheminDuChamp(porteur, c.Champ); !ok || !v.regard.Voit(porteur, chemin) {
			return fmt.Errorf("%w (%s)", ErrInterdit, chemin)
		}
	}
	for i := range c.Fils {
		if err := v.admetCritere(fils, &c.Fils[i], profondeur+1); err != nil {
			return err
		}
	}
	return nil
}

// cheminDuChamp is the path that a searchable field reads.
func cheminDuChamp(n Nature, c Champ) (Chemin, bool) {
	switch c {
	case ParID:
		return CheminID, true
	case ParIdentifiant, ParTypeIdentifiant:
		return CheminIdentifiant, true
	case ParActif:
		return CheminActif, true
	case ParSysteme, ParAutorite:
		return CheminTrace, true
	case ParMaj:
		return CheminMaj, true
	case ParBAL, ParDomaineBAL, ParTypeBAL:
		return CheminBAL, true
	case ParSerie:
		return CheminCertificat, true
	}
	chemin, ok := champsDe[n][c]
	return chemin, ok
}

// champsDe are the fields whose path depends on the nature.
var champsDe = [NombreNatures]map[Champ]Chemin{
	Praticiens: {ParNom: CheminNom, ParPrenom: CheminNom, ParProfession: CheminProfession, ParCategorie: CheminProfession, ParSavoir: CheminSavoirFaire,
		ParDiplome: CheminDiplome, ParCarte: CheminCarte, ParTypeCarte: CheminCarte, ParCommune: CheminExerce, ParINSEE: CheminExerce, ParCodePostal: CheminExerce},
	Situations: {ParStructure: CheminStructure, ParSavoir: CheminSpecialite, ParFonction: CheminRole, ParPraticien: CheminPraticien},
	Structures: {ParNom: CheminNom, ParCategorie: CheminType, ParCommune: CheminAdresse, ParINSEE: CheminAdresse, ParCodePostal: CheminAdresse,
		ParVoie: CheminAdresse, ParSecteur: CheminType, ParSorte: CheminRattachement, ParLicence: CheminLicence, ParJuridique: CheminRattachement,
		ParMembre: CheminMembre, ParLieu: CheminPosition},
	Activites: {ParStructure: CheminStructure, ParSecteur: CheminActivite, ParForme: CheminActivite, ParModalite: CheminActivite, ParCategorie: CheminActivite},
	Equipements: {ParStructure: CheminStructure, ParSecteur: CheminEquipement, ParFabricant: CheminEquipement, ParModele: CheminEquipement, ParStatut: CheminEquipement,
		ParNom: CheminEquipement},
	Acces: {ParStructure: CheminAcces, ParAMC: CheminIdentifiant, ParService: CheminAcces, ParNom: CheminAcces},
}
