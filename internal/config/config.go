package config

import (
	"slices"
	"strings"
)

// Config is one process and the parties that it carries. What the file says holds,
// empty or zero included where the tag "vide" allows it; what it does not say takes
// the tag "defaut".
type Config struct {
	Environnement string `toml:"environnement" defaut:"T" doc:"P production, T test, R recette : jamais mélangés"`
	Donnees       string `toml:"donnees" defaut:"donnees" doc:"Répertoire des données de ce processus"`
	Base          string `toml:"base" defaut:"sqlite:donnees/ecluse.db" doc:"Base : sqlite:CHEMIN ou postgres://utilisateur@hôte/base (mot de passe dans un fichier passfile)"`
	Laboratoire   bool   `toml:"laboratoire" defaut:"false" doc:"Mode laboratoire : bureau de démonstration, horloge réglable, certificats de test"`
	Horloge       string `toml:"horloge" defaut:"" doc:"Fichier d'horloge partagée (laboratoire seulement) : un instant RFC 3339 ou un décalage comme +72h"`

	Ecoute       Ecoute       `toml:"ecoute" doc:"L'échange : TLS mutuel"`
	Surveillance Surveillance `toml:"surveillance" doc:"Santé du processus, sur la boucle locale"`
	Confiance    Confiance    `toml:"confiance" doc:"À qui l'on fait confiance"`
	Journal      Journal      `toml:"journal" doc:"Journal de preuve"`
	Conservation Conservation `toml:"conservation" doc:"Durées de conservation"`
	Vigie        Vigie        `toml:"vigie" doc:"Quotas, équité et événements de sécurité"`
	Bureau       Bureau       `toml:"bureau" doc:"Bureau du laboratoire : page web locale"`

	AMC            []AMC           `toml:"amc" doc:"Une AMC servie ici"`
	Etablissements []Etablissement `toml:"etablissement" doc:"Un établissement servi ici"`
	Relais         []Relais        `toml:"relais" doc:"Un relais (concentrateur ou opérateur) servi ici"`
	Tiers          *Tiers          `toml:"tiers" doc:"Le tiers de confiance de la tarification, seul dans son processus"`
	Tarif          *Tarif          `toml:"tarif" doc:"Le service de tarification, seul dans son processus"`
	Annuaire       *Annuaire       `toml:"annuaire-amc" doc:"L'annuaire AMC, s'il est servi ici"`
	AnnuaireSante  *AnnuaireSante  `toml:"annuaire-sante" doc:"L'annuaire national de la santé, s'il est servi ici"`
	IGC            *IGC            `toml:"igc" doc:"L'autorité de certification du laboratoire, si elle est tenue ici"`
}

// Ecoute is the listener of the exchange.
type Ecoute struct {
	Adresse      string `toml:"adresse" defaut:"127.0.0.1:8443" doc:"Adresse et port"`
	Publique     string `toml:"publique" defaut:"" doc:"Adresse https de base telle que les partenaires la voient ; déduite de l'adresse si vide"`
	Certificat   string `toml:"certificat" defaut:"" doc:"Certificat de serveur (PEM, chaîne à la suite)"`
	Cle          string `toml:"cle" defaut:"" doc:"Clé du serveur : chemin PEM, ou pkcs11:…"`
	MessageMax   int    `toml:"message-max" defaut:"1048576" doc:"Taille maximale d'un message, en octets"`
	DelaiLecture Duree  `toml:"delai-lecture" defaut:"10s" doc:"Temps laissé à un partenaire pour envoyer sa question"`
	DelaiReponse Duree  `toml:"delai-reponse" defaut:"15s" doc:"Temps laissé au service pour répondre"`
	Ouverte      string `toml:"ouverte" defaut:"" doc:"Adresse et port où les professionnels de ville demandent des droits sans présenter de certificat ; rien si vide"`
	Publiee      string `toml:"ouverte-publique" defaut:"" doc:"Adresse https de cette porte telle que les professionnels la voient ; déduite de l'adresse si vide"`
	Connexions   int    `toml:"ouverte-connexions" defaut:"2048" doc:"Connexions que cette porte tient à la fois : au-delà, elles attendent, sans rien prendre à la porte des partenaires"`
	Suivant      string `toml:"certificat-suivant" defaut:"" doc:"Certificat de serveur (PEM) qui remplacera le précédent : son empreinte est annoncée dès que le fichier existe"`
	DelaiArret   Duree  `toml:"delai-arret" defaut:"20s" vide:"oui" doc:"Temps laissé aux échanges en cours à l'arrêt ; 0s pour les couper"`

	Empreintes []string `toml:"ouverte-empreintes" defaut:"[]" doc:"SHA-256 des certificats que présente la porte ouverte, annoncés aux postes ; ceux de ce serveur si vide, [\"aucune\"] pour ne rien annoncer, derrière un répartiteur qui termine TLS"`
}

// AucuneEmpreinte says that no certificate of server is announced.
const AucuneEmpreinte = "aucune"

// Surveillance is where the health of the process is told.
type Surveillance struct {
	Adresse string `toml:"adresse" defaut:"127.0.0.1:8080" vide:"oui" doc:"Adresse et port de /vivant, /pret et /mesures ; vide pour ne rien ouvrir"`
}

// Confiance is the trust store.
type Confiance struct {
	Autorites   string   `toml:"autorites" defaut:"confiance" doc:"Répertoire des certificats d'autorités (racines et intermédiaires) et des listes de révocation"`
	Listes      []string `toml:"listes" defaut:"[]" doc:"Adresses http(s) des listes de révocation à suivre"`
	Actualiser  Duree    `toml:"actualiser" defaut:"5m" doc:"Période de relecture des listes et du répertoire"`
	EchecSouple Duree    `toml:"echec-souple" defaut:"0s" doc:"Durée pendant laquelle on laisse passer quand une liste est périmée ou manque ; 0s : refus (recommandé)"`
	Proprietes  []string `toml:"proprietes-de-base" defaut:"[]" doc:"Structures dont chaque question doit porter les propriétés de base de son sceau (XAdES B ou JAdES B) ; * pour toutes"`
}

// Journal is where the keys of the journal are.
type Journal struct {
	Cles string `toml:"cles" defaut:"journal" doc:"Répertoire des clés du journal : signature des points de contrôle, clé maîtresse des contenus"`
}

// Conservation are the terms after which contents are erased. ref: ROC §16.4
type Conservation struct {
	Engagements Duree `toml:"engagements" defaut:"87600h" doc:"Preuves d'engagement et de facture : 10 ans"`
	Droits      Duree `toml:"droits" defaut:"8760h" doc:"IDB, SIM et envois livrés : 1 an"`
	Technique   Duree `toml:"technique" defaut:"4380h" doc:"Refus techniques : 6 mois"`
	Messages    Duree `toml:"messages" defaut:"720h" doc:"Mémoire des messages déjà traités : 30 jours"`
}

// Vigie are the quotas. ref: DEC 23, 29
type Vigie struct {
	ParMinute   int    `toml:"par-minute" defaut:"6000" doc:"Questions par minute et par structure qui scelle"`
	Droits      int    `toml:"droits-par-minute" defaut:"60" doc:"Demandes de droits en ville par minute et par professionnel, ou par adresse quand il ne montre rien"`
	Relais      int    `toml:"relais-par-minute" defaut:"36000" doc:"Demandes de droits sans sceau par minute qu'un même relais apporte, tous professionnels ensemble"`
	Suspect     int    `toml:"suspect" defaut:"20" doc:"Pour cent de bénéficiaires inconnus qui déclenche une alerte"`
	SuspectMin  int    `toml:"suspect-minimum" defaut:"50" doc:"Nombre de questions à partir duquel ce rapport compte"`
	RelaisMin   int    `toml:"relais-suspect-minimum" defaut:"1000" doc:"Le même nombre, pour toutes les demandes sans sceau qu'un même relais apporte"`
	ParAdherent int    `toml:"par-adherent" defaut:"10" doc:"Essais infructueux par heure sur un même adhérent"`
	EnService   int    `toml:"en-service-par-coeur" defaut:"4" doc:"Questions traitées en même temps, par cœur de la machine ; au-delà, le déluge d'un partenaire ralentit les autres"`
	Anonymes    int    `toml:"sans-certificat-par-coeur" defaut:"2" doc:"Questions de ceux qui ne montrent pas de certificat (porte ouverte) traitées en même temps, par cœur, à part de toutes les autres"`
	FileParPair int    `toml:"file-par-partenaire" defaut:"64" doc:"Questions d'un même partenaire qui peuvent attendre"`
	Bornes      string `toml:"bornes" defaut:"" doc:"Table datée (CSV) : demandes de droits par jour et par professionnel, préavis de fin des clés d'émetteur ; celle du programme si vide"`
	Syslog      string `toml:"syslog" defaut:"" doc:"Où envoyer les événements de sécurité (CEF) : fichier:CHEMIN, udp://, tcp:// ou tls://hôte:port ; vide pour le seul journal technique"`
}

// Bureau is the laboratory desk.
type Bureau struct {
	Adresse string `toml:"adresse" defaut:"" doc:"Adresse et port sur la boucle locale ; vide pour ne pas l'ouvrir"`
}

// Cle is a certificate and its key.
type Cle struct {
	Certificat string `toml:"certificat" defaut:"" doc:"Certificat (PEM, chaîne à la suite)"`
	Cle        string `toml:"cle" defaut:"" doc:"Clé : chemin PEM, ou pkcs11:…"`
}

// Identite is what a party proves itself with. ref: DEC 14
type Identite struct {
	Structure        string `toml:"structure" defaut:"" doc:"Identifiant de structure de ses certificats (Struct_IdNat)"`
	Cachet           Cle    `toml:"cachet" doc:"Cachet : il scelle les messages"`
	Authentification Cle    `toml:"authentification" doc:"Authentification TLS de client, pour ce qu'il demande à d'autres"`
	Confidentialite  Cle    `toml:"confidentialite" doc:"Confidentialité : les corps chiffrés pour lui"`
	ConfSuivante     Cle    `toml:"confidentialite-suivante" doc:"Clé de confidentialité suivante, acceptée aussi"`
}

// AMC is an insurer, or the operator that answers for it.
type AMC struct {
	Numero       string   `toml:"numero" defaut:"" doc:"Numéro d'AMC"`
	Libelle      string   `toml:"libelle" defaut:"" doc:"Nom"`
	Identite     Identite `toml:"identite" doc:"De l'AMC, ou de l'opérateur mandaté qui répond pour elle"`
	Portefeuille string   `toml:"portefeuille" defaut:"local" doc:"local (tables de ce serveur) ou distant (système de l'AMC)"`
	Distant      Distant  `toml:"distant" doc:"Système central de l'AMC, si le portefeuille est distant"`
	Reglages     string   `toml:"reglages" defaut:"" doc:"Fichier des réglages et des contrats de l'AMC (TOML)"`
	DelaiPaye    int      `toml:"delai-paiement" defaut:"12" doc:"Jours calendaires promis entre l'accusé d'une facture et son paiement"`
	Conventions  []string `toml:"conventions" defaut:"[]" doc:"FINESS juridiques des établissements qui facturent sans engagement, par convention"`
	SansRecalcul bool     `toml:"conventions-sans-recalcul" defaut:"false" doc:"Ne pas recalculer les factures sur convention avec les formules du contrat : contrôler les droits seulement"`
	Fichiers     Fichiers `toml:"fichiers" doc:"Fichiers échangés avec les établissements"`
	Baremes      string   `toml:"baremes" defaut:"" doc:"Répertoire des tables de calcul ; celles du programme si vide"`
	Droits       Droits   `toml:"droits" doc:"Droits des patients pour les pharmacies et les autres professionnels de ville"`

	ReseauxRetours []string `toml:"retours-reseaux" defaut:"[]" doc:"Réseaux privés (CIDR) où un établissement peut recevoir ses retours ; aucun si vide, hors laboratoire"`
	Hebergeurs     []string `toml:"retours-hebergeurs" defaut:"[]" doc:"Structures dont le serveur peut recevoir les retours d'établissements, en plus de ceux-ci"`
}

// Droits is the service of rights of an insurer outside the hospital. ref: VISIO §5, §6
type Droits struct {
	Ouvre      *bool    `toml:"ouvert" defaut:"false" doc:"true : l'AMC ouvre ce service ; false : elle publie et répond qu'elle ne l'ouvre pas (200). Sans cette ligne, rien n'est publié ni répondu pour elle"`
	Cle        string   `toml:"cle" defaut:"" doc:"Clé P-256 qui signe les accréditations : chemin PEM, ou pkcs11:… ; faite au premier démarrage si le chemin n'existe pas"`
	CleLAR     string   `toml:"cle-lar" defaut:"" doc:"Clé P-256 qui signe les listes d'accréditations révoquées ; comme la précédente"`
	Emetteur   string   `toml:"emetteur" defaut:"" doc:"Numéro de l'opérateur qui signe pour l'AMC ; l'AMC elle-même si vide"`
	Depannage  bool     `toml:"depannage" defaut:"false" doc:"Ne répondre que lorsque l'AMC, vers qui le relais de ce processus porte, se tait : accréditations de dépannage, sous mandat"`
	Categories []string `toml:"categories" defaut:"[]" doc:"Professions servies (PHAR, LABO, OPTI, AUDIO, AUXM, AUTR) ; toutes si vide"`
	Convention string   `toml:"convention" defaut:"" doc:"Convention portée par les accréditations"`

	Adresse     string        `toml:"adresse" defaut:"" doc:"Adresse https où demander ces droits : celle d'un opérateur, par exemple ; la porte ouverte de ce serveur si vide"`
	Empreintes  []string      `toml:"empreintes" defaut:"[]" doc:"SHA-256 des certificats que présente cette adresse, courant et suivant, quand elle est celle d'un autre ; rien n'est annoncé si vide"`
	Tolerance   int           `toml:"tolerance" defaut:"15" vide:"oui" doc:"Jours de tolérance du mode dégradé après la fin des droits (X) ; 0 vide cette tolérance"`
	Tiers       TiersAcces    `toml:"tiers" doc:"Le tiers de confiance de la tarification : ses clés servent aux jetons de dossier, et il dit si une facture porte ce qui a été tarifé ; sans lui, aucune facture tarifée en ligne n'est acceptée"`
	Specifiques Specifiques   `toml:"specifiques" doc:"Prestations spécifiques, tarifées en ligne par un tiers de confiance"`
	Factures    FacturesVille `toml:"factures" doc:"Factures de ces professionnels"`

	Compteurs Compteurs `toml:"compteurs" doc:"Compteurs que les postes de ces professionnels renvoient chaque jour"`

	Mandats []MandatDepannage `toml:"mandat" doc:"Opérateur mandaté pour accréditer en dépannage ; un seul à la fois. Un mandat fini reste écrit tant que des factures peuvent venir"`
}

// Ouvert tells whether the insurer opens the service.
func (d *Droits) Ouvert() bool { return d.Ouvre != nil && *d.Ouvre }

// Compteurs bound what workstations send back. ref: VISIO §12, §15
type Compteurs struct {
	Jours     int `toml:"jours" defaut:"400" doc:"Jours pendant lesquels ils sont gardés"`
	Envois    int `toml:"envois" defaut:"50" doc:"Journées de compteurs qu'un même expéditeur peut envoyer en un jour ; au-delà, il réessaie le lendemain"`
	SansSceau int `toml:"sans-sceau" defaut:"20000" doc:"Journées que tous ensemble peuvent envoyer en un jour sans sceau ; celles que leur professionnel scelle passent toujours"`
}

// MandatDepannage lets an operator accredit when the insurer is silent, between two days.
// ref: VISIO §8.2, DEC 14
type MandatDepannage struct {
	Operateur string   `toml:"operateur" defaut:"" doc:"Numéro sous lequel il accrédite et publie"`
	Structure string   `toml:"structure" defaut:"" doc:"Structure dont le sceau répond quand il dépanne, et dont ses listes sont scellées"`
	Debut     string   `toml:"debut" defaut:"" doc:"Premier jour, AAAA-MM-JJ"`
	Fin       string   `toml:"fin" defaut:"" doc:"Dernier jour ; sans fin si vide"`
	Normales  bool     `toml:"normales" defaut:"false" doc:"Il répond aussi de l'AMC en temps ordinaire, à droits.adresse : ses accréditations normales l'engagent comme les siennes"`
	Listes    []string `toml:"listes" defaut:"[]" doc:"Adresses https des portes ouvertes où lire ses clés et ce qu'il révoque : la sienne, ou un relais qui les redonne ; sans elles, une facture sous son accréditation attendrait toujours"`
}

// FacturesVille are the invoices of the professionals outside the hospital. ref: VISIO §13
type FacturesVille struct {
	Ouvert      bool   `toml:"ouvert" defaut:"false" doc:"L'AMC reçoit et paie les factures des professionnels de ville, sous les accréditations qu'elle donne"`
	Adresse     string `toml:"adresse" defaut:"" doc:"Adresse https où les envoyer, telle que les professionnels la voient : la porte qui demande un certificat ; déduite de l'adresse d'écoute si vide"`
	Delai       int    `toml:"delai" defaut:"730" doc:"Jours, après les soins, où une facture se reçoit encore"`
	Quota       int    `toml:"quota" defaut:"10" doc:"Pour cent des factures d'un professionnel, dans un mois, au-delà duquel le mode dégradé alerte"`
	QuotaDes    int    `toml:"quota-des" defaut:"20" doc:"Factures du mois à partir desquelles cette part se juge"`
	Refuser     bool   `toml:"refuser-au-dela" defaut:"false" doc:"Refuser ce qui dépasse cette part (F711), au lieu d'alerter seulement"`
	CleControle string `toml:"cle-controle" defaut:"" doc:"Fichier du secret (32 octets en base64) dont les factures sont nommées au tiers, et les comptes des professionnels chiffrés : le même pour tous les nœuds ; sous les données si vide, fait au premier usage s'il n'existe pas"`
	Compte      string `toml:"compte" defaut:"" doc:"IBAN d'où partent les virements aux professionnels ; attendu pour écrire le fichier de la banque"`
	Titulaire   string `toml:"titulaire" defaut:"" doc:"Titulaire de ce compte ; le libellé de l'AMC si vide"`
}

// TiersAcces is where the third party of pricing is.
type TiersAcces struct {
	Adresse    string   `toml:"adresse" defaut:"" doc:"Adresse https de base, tant que ses listes n'en disent pas une autre"`
	Structure  string   `toml:"structure" defaut:"" doc:"Structure dont le sceau fait foi, de ses réponses et de ses listes"`
	ID         string   `toml:"id" defaut:"" doc:"Numéro du tiers, de 8 à 10 chiffres"`
	Empreintes []string `toml:"empreintes" defaut:"[]" doc:"SHA-256 du certificat de serveur à cette adresse, courant et suivant ; tout certificat de confiance si vide"`
	Listes     []string `toml:"listes" defaut:"[]" doc:"Adresses https des portes où ses clés et son adresse se lisent : la sienne (tiers.listes), ou un relais qui les redonne"`
}

// Specifiques are the prestations of an insurer that are priced on line. ref: VISIO §10, §11
type Specifiques struct {
	Prestations []string `toml:"prestations" defaut:"[]" doc:"Codes de prestation tarifés en ligne ; aucun si vide"`
	Seuil       int      `toml:"seuil" defaut:"20" doc:"Bénéficiaires qui doivent partager une grille de garanties pour qu'un jeton soit remis"`
	Validite    int      `toml:"validite" defaut:"1" doc:"Jours, après celui de la demande, où le jeton s'échange"`
}

// Tiers is the trusted third party of pricing. ref: DEC 32
type Tiers struct {
	ID           string     `toml:"id" defaut:"" doc:"Numéro du tiers, de 8 à 10 chiffres : celui des messages et des routes des relais"`
	Libelle      string     `toml:"libelle" defaut:"Tiers de confiance" doc:"Nom"`
	Identite     Identite   `toml:"identite" doc:"Du tiers"`
	Secret       string     `toml:"secret" defaut:"" doc:"Fichier du secret maître (32 octets en base64), le même pour tous ses nœuds ; tiers.secret sous les données si vide, fait au premier démarrage s'il n'existe pas"`
	Cle          string     `toml:"cle" defaut:"" doc:"Clé P-256 pour laquelle jetons et lignes sont chiffrés : chemin PEM, ou pkcs11:… ; tiers.cle sous les données si vide, faite au premier démarrage si le chemin n'existe pas"`
	CleSuivante  string     `toml:"cle-suivante" defaut:"" doc:"Clé suivante : annoncée dans ses listes, elle ouvre aussi"`
	Suivante     string     `toml:"suivante-debut" defaut:"" doc:"Premier jour où l'on chiffre pour la clé suivante, AAAA-MM-JJ ; la courante est encore dite trente jours, et ouvre tant qu'elle est écrite ici"`
	Listes       string     `toml:"listes" defaut:"" doc:"Adresse et port, en TLS sans certificat de client, où ne se lisent que ses listes signées : ses clés, et où il est"`
	Seuil        int        `toml:"seuil" defaut:"20" doc:"Bénéficiaires qui doivent partager une grille pour qu'un dossier s'ouvre"`
	Duree        int        `toml:"duree" defaut:"30" doc:"Jours que dure un dossier"`
	Retard       int        `toml:"retard" defaut:"31" doc:"Jours, après une délivrance, où elle se tarifie encore"`
	Conserve     int        `toml:"conserve" defaut:"760" doc:"Jours que l'empreinte d'un engagement est gardée après la délivrance ; plus que le délai d'une facture (droits.factures.delai)"`
	Leurre       string     `toml:"leurre" defaut:"" doc:"Une grille que le service de tarification a : un dossier inconnu se chiffre avec elle, pour coûter autant qu'un bon"`
	Tarification TarifAcces `toml:"tarification" doc:"Le service de tarification"`

	Emetteurs []EmetteurJetons `toml:"emetteur" doc:"Qui signe des jetons de dossier, et où se lisent ses clés : un jeton que personne d'eux n'a signé n'ouvre rien"`
}

// EmetteurJetons is who signs the tokens of insurers: an insurer, or its operator.
type EmetteurJetons struct {
	Numero    string   `toml:"numero" defaut:"" doc:"Numéro sous lequel il signe : celui de l'AMC, ou de l'opérateur dont le numéro est dans ses accréditations (droits.emetteur)"`
	Structure string   `toml:"structure" defaut:"" doc:"Structure dont le sceau fait croire ses listes"`
	Listes    []string `toml:"listes" defaut:"[]" doc:"Adresses https des portes où ses clés se lisent : sa porte ouverte, ou un relais qui les redonne"`
	AMC       []string `toml:"amc" defaut:"[]" doc:"AMC pour lesquelles il signe ; celle de son numéro si vide"`
}

// TarifAcces is where the pricing service is.
type TarifAcces struct {
	Adresse    string   `toml:"adresse" defaut:"" doc:"Adresse https de base"`
	Structure  string   `toml:"structure" defaut:"" doc:"Structure dont le sceau fait foi"`
	ID         string   `toml:"id" defaut:"TARIF" doc:"Identifiant du service"`
	Empreintes []string `toml:"empreintes" defaut:"[]" doc:"SHA-256 du certificat de serveur, courant et suivant ; tout certificat de confiance si vide"`
}

// Tarif is the pricing service. It keeps no trace of what it is asked. ref: DEC 32
type Tarif struct {
	ID       string   `toml:"id" defaut:"TARIF" doc:"Identifiant du service"`
	Libelle  string   `toml:"libelle" defaut:"Tarification" doc:"Nom"`
	Identite Identite `toml:"identite" doc:"Du service"`
	Tables   string   `toml:"tables" defaut:"" doc:"Répertoire des grilles, garanties, produits et prix de réseaux (CSV), relus quand ils changent"`
	Seuil    int      `toml:"seuil" defaut:"20" doc:"Bénéficiaires qui doivent partager une grille pour qu'elle soit tarifée"`
	Verser   Duree    `toml:"verser" defaut:"1h" doc:"Période à laquelle les comptes par jour et par grille s'écrivent, par lots"`
}

// Fichiers are the files that a party exchanges with partners that are not on line,
// or that asked for files. ref: DEC 28
type Fichiers struct {
	Dossier   string   `toml:"dossier" defaut:"" doc:"Répertoire : envois/PARTENAIRE/ pour ce qui part, recus/PARTENAIRE/ pour ce qui arrive ; sous les données si vide"`
	TailleMax int      `toml:"taille-max" defaut:"268435456" doc:"Taille maximale d'un fichier reçu, en octets"`
	EnCours   int      `toml:"en-cours" defaut:"8" doc:"Fichiers qu'un partenaire peut avoir en cours de dépôt par HTTPS"`
	GardesMax int      `toml:"gardes-max" defaut:"4294967296" doc:"Octets gardés d'un même émetteur pour le système d'une AMC ; au-delà, il lui est demandé de revenir"`
	Cadence   Duree    `toml:"cadence" defaut:"30s" doc:"Période à laquelle les dossiers de dépôt sont relevés"`
	Retours   []string `toml:"retours" defaut:"[]" doc:"Partenaires dont les retours vont par fichier : numéros d'AMC en ligne pour un établissement, FINESS juridiques pour une AMC"`
}

// Distant is an insurer's own system.
type Distant struct {
	Adresse     string   `toml:"adresse" defaut:"" doc:"Adresse https"`
	Delai       Duree    `toml:"delai" defaut:"2s" doc:"Temps laissé à ce système"`
	Garde       Duree    `toml:"garde" defaut:"30s" vide:"oui" doc:"Durée de garde d'une réponse ; 0s pour ne rien garder"`
	Certificats []string `toml:"certificats" defaut:"[]" doc:"Certificats (PEM) qui scellent ses réponses, courant et suivant"`
}

// Etablissement is a hospital.
type Etablissement struct {
	Finess      string        `toml:"finess" defaut:"" doc:"FINESS juridique"`
	FinessGeo   string        `toml:"finess-geographique" defaut:"" doc:"FINESS géographique du site"`
	Libelle     string        `toml:"libelle" defaut:"" doc:"Nom"`
	Categorie   string        `toml:"categorie" defaut:"EPS" doc:"EPS, PNL, HIA ou OQN"`
	Identite    Identite      `toml:"identite" doc:"De l'établissement"`
	API         API           `toml:"api" doc:"API locale du logiciel de facturation"`
	Face        string        `toml:"face" defaut:"REST" doc:"Face de ses questions : REST ou SOAP"`
	AnnuaireAMC AnnuaireAcces `toml:"annuaire" doc:"L'annuaire AMC"`
	Relais      *RelaisAcces  `toml:"relais" doc:"Relais qui porte ses questions, s'il y en a un"`
	Cloture     Duree         `toml:"cloture" defaut:"720h" doc:"Temps après lequel une couverture payée est close d'elle-même"`
	Retours     string        `toml:"retours" defaut:"" doc:"Adresse https où les AMC envoient leurs retours de facturation, vue de l'extérieur ; vide pour ne pas facturer"`
	Conventions string        `toml:"conventions" defaut:"" doc:"Table des conventions (TOML) : les AMC qui ne sont pas en ligne, calculées ici sans garantie ; voir ecluse conventions exemple"`
	Fichiers    Fichiers      `toml:"fichiers" doc:"Fichiers échangés avec les AMC qui ne sont pas en ligne"`
	Baremes     string        `toml:"baremes" defaut:"" doc:"Répertoire des tables de calcul ; celles du programme si vide"`
	DelaiPaye   int           `toml:"delai-paiement" defaut:"12" doc:"Jours calendaires promis par les AMC entre l'accusé d'une facture et son paiement, au-delà desquels elle est en retard"`
	Comptable   Comptable     `toml:"comptable" doc:"Livre du comptable public : titres, relevés de la banque, balances"`
}

// Comptable is the book of the comptable public of a hospital. ref: DEC 27, 30
type Comptable struct {
	Tenu       string   `toml:"tenu" defaut:"auto" doc:"auto (pour EPS et HIA, qui facturent par ce serveur), oui ou non"`
	Penalite   string   `toml:"penalite" defaut:"0.00" doc:"Taux annuel, en pour cent, de ce qui est payé en retard"`
	Fenetre    int      `toml:"fenetre" defaut:"30" doc:"Jours entre une annonce et le virement qui peut la payer, quand seul le montant parle"`
	Proximite  int      `toml:"proximite" defaut:"3" doc:"Jours dans lesquels la plus proche de plusieurs annonces du même montant est la bonne"`
	Ouverture  string   `toml:"ouverture" defaut:"" doc:"Premier jour des comptes encore ouverts, comme 2026-01-01 : rien ne se date avant ; vide si tous le sont"`
	Compte     string   `toml:"compte" defaut:"" doc:"Compte bancaire des relevés CSV qui ne le disent pas : IBAN, ou numéro de la banque ; en changer fait passer pour neuves les lignes d'un relevé déjà importé"`
	Comptes    []string `toml:"comptes" defaut:"[]" doc:"Comptes bancaires de l'établissement (IBAN) : un relevé d'un autre compte est refusé ; si ni cette clé ni compte ne disent rien, le compte n'est pas comparé"`
	Colonnes   []string `toml:"colonnes" defaut:"[]" doc:"Noms de colonnes des relevés CSV, en plus des usuels, comme jour=DATE OPE : compte, jour, valeur, libelle, contrepartie, reference, bout-en-bout, remise, debit, credit, montant, sens, devise"`
	LignesMax  int      `toml:"lignes-max" defaut:"20000" doc:"Lignes d'un relevé, au plus ; le livre est tenu pendant l'import, cinq secondes environ pour ce nombre"`
	OctetsMax  int      `toml:"octets-max" defaut:"268435456" doc:"Octets d'un relevé, au plus"`
	Rapprocher Duree    `toml:"rapprocher" defaut:"1m" doc:"Période du rapprochement que le serveur fait de lui-même"`
}

// Tient tells whether a hospital has a comptable public here: public and military
// ones, unless the file says otherwise. A clinic never has. ref: DEC 27
func (c *Comptable) Tient(categorie string) bool {
	return parmi(categorie, "EPS", "HIA") && c.Tenu != "non"
}

// Siens are the bank accounts of the hospital, without their spaces.
func (c *Comptable) Siens() (l []string) {
	for _, x := range append([]string{c.Compte}, c.Comptes...) {
		if x = strings.ReplaceAll(x, " ", ""); x != "" && !slices.Contains(l, x) {
			l = append(l, x)
		}
	}
	return l
}

// RolesColonne are what a column of a bank file in CSV may hold.
func RolesColonne() []string {
	return []string{"compte", "jour", "valeur", "libelle", "contrepartie", "reference", "bout-en-bout", "remise", "debit", "credit", "montant", "sens", "devise"}
}

// API is the local REST API of a hospital.
type API struct {
	Adresse string `toml:"adresse" defaut:"" doc:"Adresse et port ; vide pour ne pas l'ouvrir"`
	Jeton   string `toml:"jeton" defaut:"" doc:"Fichier du jeton que le logiciel présente"`
}

// AnnuaireAcces is where the directory is.
type AnnuaireAcces struct {
	Adresse   string `toml:"adresse" defaut:"" doc:"Adresse https de base"`
	Structure string `toml:"structure" defaut:"" doc:"Structure dont le sceau fait foi"`
	ID        string `toml:"id" defaut:"ANNUAIRE" doc:"Identifiant de l'annuaire"`
}

// RelaisAcces is where a relay is.
type RelaisAcces struct {
	Adresse   string `toml:"adresse" defaut:"" doc:"Adresse https de base"`
	Structure string `toml:"structure" defaut:"" doc:"Structure du relais"`
}

// Relais is a relay.
type Relais struct {
	ID          string        `toml:"id" defaut:"" doc:"Identifiant du relais"`
	Libelle     string        `toml:"libelle" defaut:"" doc:"Nom"`
	Role        string        `toml:"role" defaut:"OCT" doc:"OCT (concentrateur) ou OTP (opérateur)"`
	Identite    Identite      `toml:"identite" doc:"Du relais"`
	AnnuaireAMC AnnuaireAcces `toml:"annuaire" doc:"L'annuaire AMC, pour trouver les destinataires"`
	Routes      []Route       `toml:"route" doc:"Route fixe, essayée avant l'annuaire"`
	Sources     []Source      `toml:"source" doc:"Émetteur dont la porte ouverte de ce relais redonne les listes signées, telles quelles"`
}

// Source is an issuer whose signed lists a relay gives again. ref: VISIO §12
type Source struct {
	Emetteur string `toml:"emetteur" defaut:"" doc:"Numéro de l'AMC ou de l'opérateur"`
	Adresse  string `toml:"adresse" defaut:"" doc:"Adresse https de sa porte ouverte"`
}

// Route is a fixed route of a relay.
type Route struct {
	Destinataire string   `toml:"destinataire" defaut:"" doc:"Numéro d'AMC, ? pour un chiffre quelconque"`
	Adresse      string   `toml:"adresse" defaut:"" doc:"Adresse https de base"`
	Empreintes   []string `toml:"empreintes" defaut:"[]" doc:"SHA-256 du certificat de serveur, courant et suivant"`
	Structures   []string `toml:"structures" defaut:"[]" doc:"Structures dont le sceau répond ; celles de l'annuaire si rien n'est dit"`
	Suivants     []string `toml:"relais-suivants" defaut:"[]" doc:"Structures du relais suivant, si cette adresse en est un"`
}

// Annuaire is the directory.
type Annuaire struct {
	ID       string   `toml:"id" defaut:"ANNUAIRE" doc:"Identifiant de l'annuaire"`
	Libelle  string   `toml:"libelle" defaut:"Annuaire AMC" doc:"Nom"`
	Identite Identite `toml:"identite" doc:"De l'annuaire"`
}

// IGC is the laboratory's certification authority.
type IGC struct {
	Repertoire string `toml:"repertoire" defaut:"igc" doc:"Répertoire de l'autorité"`
	Adresse    string `toml:"adresse" defaut:"127.0.0.1:8081" doc:"Adresse et port où les listes de révocation sont publiées (http)"`
}
