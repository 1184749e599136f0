package rass

// Columns of [PersonneActivite].
const (
	PATypeIdentifiant      Colonne = iota // Type d'identifiant PP
	PAIdentifiant                         // Identifiant PP
	PAIDNat                               // Identification nationale PP
	PACodeCiviliteExercice                // Code civilité d'exercice
	PACiviliteExercice                    // Libellé civilité d'exercice
	PACodeCivilite                        // Code civilité
	PACivilite                            // Libellé civilité
	PANom                                 // Nom d'exercice
	PAPrenom                              // Prénom d'exercice
	PACodeProfession                      // Code profession
	PAProfession                          // Libellé profession
	PACodeCategorie                       // Code catégorie professionnelle
	PACategorie                           // Libellé catégorie professionnelle
	PACodeTypeSavoirFaire                 // Code type savoir-faire
	PATypeSavoirFaire                     // Libellé type savoir-faire
	PACodeSavoirFaire                     // Code savoir-faire
	PASavoirFaire                         // Libellé savoir-faire
	PACodeMode                            // Code mode exercice
	PAMode                                // Libellé mode exercice
	PASIRET                               // Numéro SIRET site
	PASIREN                               // Numéro SIREN site
	PAFINESS                              // Numéro FINESS site
	PAFINESSJuridique                     // Numéro FINESS établissement juridique
	PAIDTechnique                         // Identifiant technique de la structure
	PARaisonSociale                       // Raison sociale site
	PAEnseigne                            // Enseigne commerciale site
	PADestinataire                        // Complément destinataire (coord. structure)
	PAPointGeographique                   // Complément point géographique (coord. structure)
	PANumeroVoie                          // Numéro Voie (coord. structure)
	PAIndiceVoie                          // Indice répétition voie (coord. structure)
	PACodeTypeVoie                        // Code type de voie (coord. structure)
	PATypeVoie                            // Libellé type de voie (coord. structure)
	PALibelleVoie                         // Libellé Voie (coord. structure)
	PAMention                             // Mention distribution (coord. structure)
	PABureauCedex                         // Bureau cedex (coord. structure)
	PACodePostal                          // Code postal (coord. structure)
	PACodeCommune                         // Code commune (coord. structure)
	PACommune                             // Libellé commune (coord. structure)
	PACodePays                            // Code pays (coord. structure)
	PAPays                                // Libellé pays (coord. structure)
	PATelephone                           // Téléphone (coord. structure)
	PATelephone2                          // Téléphone 2 (coord. structure)
	PATelecopie                           // Télécopie (coord. structure)
	PACourriel                            // Adresse e-mail (coord. structure)
	PACodeDepartement                     // Code Département (structure)
	PADepartement                         // Libellé Département (structure)
	PAAncienID                            // Ancien identifiant de la structure
	PAAutorite                            // Autorité d'enregistrement
	PACodeSecteur                         // Code secteur d'activité
	PASecteur                             // Libellé secteur d'activité
	PACodeSection                         // Code section tableau pharmaciens
	PASection                             // Libellé section tableau pharmaciens
	PACodeRole                            // Code rôle
	PARole                                // Libellé rôle
	PACodeGenre                           // Code genre activité
	PAGenre                               // Libellé genre activité
	PANombre                              // how many they are
)

// Columns of [SavoirFaire].
const (
	SFTypeIdentifiant     Colonne = iota // Type d'identifiant PP
	SFIdentifiant                        // Identifiant PP
	SFIDNat                              // Identification nationale PP
	SFNom                                // Nom d'exercice
	SFPrenom                             // Prénom d'exercice
	SFCodeProfession                     // Code profession
	SFProfession                         // Libellé profession
	SFCodeCategorie                      // Code catégorie professionnelle
	SFCategorie                          // Libellé catégorie professionnelle
	SFCodeTypeSavoirFaire                // Code type savoir-faire
	SFTypeSavoirFaire                    // Libellé type savoir-faire
	SFCodeSavoirFaire                    // Code savoir-faire
	SFSavoirFaire                        // Libellé savoir-faire
	SFNombre                             // how many they are
)

// Columns of [Diplomes].
const (
	DATypeIdentifiant      Colonne = iota // Type d'identifiant PP
	DAIdentifiant                         // Identifiant PP
	DAIDNat                               // Identification nationale PP
	DANom                                 // Nom d'exercice
	DAPrenom                              // Prénom d'exercice
	DACodeTypeDiplome                     // Code type diplôme obtenu
	DATypeDiplome                         // Libellé type diplôme obtenu
	DACodeDiplome                         // Code diplôme obtenu
	DADiplome                             // Libellé diplôme obtenu
	DACodeTypeAutorisation                // Code type autorisation
	DATypeAutorisation                    // Libellé type autorisation
	DACodeDiscipline                      // Code discipline autorisation
	DADiscipline                          // Libellé discipline autorisation
	DANombre                              // how many they are
)

// Columns of [MSSante].
const (
	MSTypeBAL                Colonne = iota // Type de BAL
	MSAdresse                               // Adresse BAL
	MSTypeIdentifiant                       // Type Identifiant PP
	MSIdentifiant                           // Identifiant PP
	MSIDNat                                 // Identification nationale PP
	MSTypeStructure                         // Type identifiant structure
	MSStructure                             // Identification Structure
	MSService                               // Service de rattachement
	MSCiviliteExercice                      // Civilité d'exercice
	MSNom                                   // Nom d'exercice
	MSPrenom                                // Prénom d'exercice
	MSCodeCategorie                         // Catégorie profession
	MSCategorie                             // Libellé catégorie profession
	MSCodeProfession                        // Code Profession
	MSProfession                            // Libellé Profession
	MSCodeSavoirFaire                       // Code savoir-faire
	MSSavoirFaire                           // Libellé savoir-faire
	MSDematerialisation                     // Dématérialisation
	MSRaisonSociale                         // Raison Sociale structure BAL
	MSEnseigne                              // Enseigne commerciale structure BAL
	MSComplementLocalisation                // L2COMPLEMENTLOCALISATION structure BAL
	MSComplementDistribution                // L3COMPLEMENTDISTRIBUTION structure BAL
	MSNumeroVoie                            // L4NUMEROVOIE structure BAL
	MSIndiceVoie                            // L4COMPLEMENTNUMEROVOIE structure BAL
	MSTypeVoie                              // NL4TYPEVOIE structure BAL
	MSLibelleVoie                           // L4LIBELLEVOIE structure BAL
	MSLieuDit                               // L5LIEUDITMENTION structure BAL
	MSAcheminement                          // L6LIGNEACHEMINEMENT structure BAL
	MSCodePostal                            // Code postal structure BAL
	MSDepartement                           // Département structure BAL
	MSPays                                  // Pays structure BAL
	MSNombre                                // how many they are
)

// Columns of [ProSanteConnect].
const (
	PSCTypeIdentifiant      Colonne = iota // Type d'identifiant PP
	PSCIdentifiant                         // Identifiant PP
	PSCIDNat                               // Identification nationale PP
	PSCNomFamille                          // Nom de famille
	PSCPrenoms                             // Prénoms
	PSCNaissance                           // Date de naissance
	PSCCommuneNaissance                    // Code commune de naissance
	PSCPaysNaissance                       // Code pays de naissance
	PSCLieuNaissance                       // Lieu de naissance
	PSCSexe                                // Code sexe
	PSCTelephone                           // Téléphone (coord. correspondance)
	PSCCourriel                            // Adresse e-mail (coord. correspondance)
	PSCCodeCivilite                        // Code civilité
	PSCCodeProfession                      // Code profession
	PSCCodeCategorie                       // Code catégorie professionnelle
	PSCCodeCiviliteExercice                // Code civilité d'exercice
	PSCNom                                 // Nom d'exercice
	PSCPrenom                              // Prénom d'exercice
	PSCCodeTypeSavoirFaire                 // Code type savoir-faire
	PSCCodeSavoirFaire                     // Code savoir-faire
	PSCCodeMode                            // Code mode exercice
	PSCCodeSecteur                         // Code secteur d'activité
	PSCCodeSection                         // Code section tableau pharmaciens
	PSCCodeRole                            // Code rôle
	PSCSIRET                               // Numéro SIRET site
	PSCSIREN                               // Numéro SIREN site
	PSCFINESS                              // Numéro FINESS site
	PSCFINESSJuridique                     // Numéro FINESS établissement juridique
	PSCIDTechnique                         // Identifiant technique de la structure
	PSCRaisonSociale                       // Raison sociale site
	PSCEnseigne                            // Enseigne commerciale site
	PSCDestinataire                        // Complément destinataire (coord. structure)
	PSCPointGeographique                   // Complément point géographique (coord. structure)
	PSCNumeroVoie                          // Numéro Voie (coord. structure)
	PSCIndiceVoie                          // Indice répétition voie (coord. structure)
	PSCCodeTypeVoie                        // Code type de voie (coord. structure)
	PSCLibelleVoie                         // Libellé Voie (coord. structure)
	PSCMention                             // Mention distribution (coord. structure)
	PSCBureauCedex                         // Bureau cedex (coord. structure)
	PSCCodePostal                          // Code postal (coord. structure)
	PSCCodeCommune                         // Code commune (coord. structure)
	PSCCodePays                            // Code pays (coord. structure)
	PSCStructureTelephone                  // Téléphone (coord. structure)
	PSCStructureTelephone2                 // Téléphone 2 (coord. structure)
	PSCStructureTelecopie                  // Télécopie (coord. structure)
	PSCStructureCourriel                   // Adresse e-mail (coord. structure)
	PSCCodeDepartement                     // Code Département (structure)
	PSCAncienID                            // Ancien identifiant de la structure
	PSCAutorite                            // Autorité d'enregistrement
	PSCCodeGenre                           // Code genre activité
	PSCNombre                              // how many they are
)

// Columns of [Structures].
const (
	STNature            Colonne = iota // Nature
	STIDTechnique                      // Identifiant technique de la structure
	STIDNat                            // Identification nationale de la structure
	STFINESS                           // Numéro FINESS site
	STFINESSJuridique                  // Numéro FINESS établissement juridique
	STSIRET                            // Numéro SIRET site
	STSIREN                            // Numéro SIREN site
	STRaisonSociale                    // Raison sociale site
	STEnseigne                         // Enseigne commerciale site
	STCodeCategorie                    // Code catégorie établissement
	STCategorie                        // Libellé catégorie établissement
	STCodeStatut                       // Code statut juridique
	STStatut                           // Libellé statut juridique
	STCodeSecteur                      // Code secteur d'activité
	STSecteur                          // Libellé secteur d'activité
	STCodeSPH                          // Code participation SPH
	STSPH                              // Libellé participation SPH
	STLicence                          // Numéro de licence
	STDestinataire                     // Complément destinataire (coord. structure)
	STPointGeographique                // Complément point géographique (coord. structure)
	STNumeroVoie                       // Numéro Voie (coord. structure)
	STIndiceVoie                       // Indice répétition voie (coord. structure)
	STCodeTypeVoie                     // Code type de voie (coord. structure)
	STTypeVoie                         // Libellé type de voie (coord. structure)
	STLibelleVoie                      // Libellé Voie (coord. structure)
	STMention                          // Mention distribution (coord. structure)
	STBureauCedex                      // Bureau cedex (coord. structure)
	STCodePostal                       // Code postal (coord. structure)
	STCodeCommune                      // Code commune (coord. structure)
	STCommune                          // Libellé commune (coord. structure)
	STCodePays                         // Code pays (coord. structure)
	STPays                             // Libellé pays (coord. structure)
	STTelephone                        // Téléphone (coord. structure)
	STTelephone2                       // Téléphone 2 (coord. structure)
	STTelecopie                        // Télécopie (coord. structure)
	STCourriel                         // Adresse e-mail (coord. structure)
	STCodeDepartement                  // Code Département (structure)
	STDepartement                      // Libellé Département (structure)
	STLatitude                         // Latitude
	STLongitude                        // Longitude
	STOuverture                        // Date d'ouverture
	STFermeture                        // Date de fermeture
	STCodeFermeture                    // Code type de fermeture
	STTypeFermeture                    // Libellé type de fermeture
	STMaj                              // Date de mise à jour
	STAncienID                         // Ancien identifiant de la structure
	STAutorite                         // Autorité d'enregistrement
	STNombre                           // how many they are
)

// Columns of [Activites].
const (
	ACNumero       Colonne = iota // Numéro d'activité
	ACFINESS                      // Numéro FINESS site
	ACNature                      // Nature
	ACCodeActivite                // Code activité
	ACActivite                    // Libellé activité
	ACCodeModalite                // Code modalité
	ACModalite                    // Libellé modalité
	ACCodeForme                   // Code forme
	ACForme                       // Libellé forme
	ACCodePublic                  // Code public
	ACPublic                      // Libellé public
	ACAutorisees                  // Capacité autorisée
	ACInstallees                  // Capacité installée
	ACOuverture                   // Date d'ouverture
	ACFermeture                   // Date de fermeture
	ACMaj                         // Date de mise à jour
	ACAutorite                    // Autorité d'enregistrement
	ACNombre                      // how many they are
)

// Columns of [Equipements].
const (
	EQNumero          Colonne = iota // Numéro ARHGOS
	EQFINESS                         // Numéro FINESS site
	EQFINESSJuridique                // Numéro FINESS établissement juridique
	EQCodeEquipement                 // Code équipement
	EQEquipement                     // Libellé équipement
	EQFabricant                      // Fabricant
	EQModele                         // Modèle
	EQSerie                          // Numéro de série
	EQStatut                         // Statut
	EQOuverture                      // Date d'ouverture
	EQFermeture                      // Date de fermeture
	EQMaj                            // Date de mise à jour
	EQAutorite                       // Autorité d'enregistrement
	EQNombre                         // how many they are
)

// Columns of [Porteurs].
const (
	POTypeIdentifiant Colonne = iota // Type d'identifiant PP
	POIdentifiant                    // Identifiant PP
	POIDNat                          // Identification nationale PP
	PONom                            // Nom d'exercice
	POPrenom                         // Prénom d'exercice
	POCodeProfession                 // Code profession
	POCodeTypeCarte                  // Code type de carte
	POTypeCarte                      // Libellé type de carte
	PONumero                         // Numéro de carte
	PODebut                          // Date de début de validité
	POFin                            // Date de fin de validité
	POOpposition                     // Date d'opposition
	POMaj                            // Date de mise à jour
	PONombre                         // how many they are
)

// Columns of [Certificats].
const (
	CETypePorteur Colonne = iota // Type de porteur
	CEIDNat                      // Identification nationale du porteur
	CESerie                      // Numéro de série
	CEEmetteur                   // Émetteur
	CESujet                      // Sujet
	CEDomaine                    // Domaine
	CEUsage                      // Usage
	CEDebut                      // Date de début de validité
	CEFin                        // Date de fin de validité
	CERevocation                 // Date de révocation
	CEDER                        // Certificat
	CENombre                     // how many they are
)

// Columns of [Reseaux].
const (
	REIdentifiant       Colonne = iota // Identifiant du réseau
	RENom                              // Nom du réseau
	RECodeType                         // Code type de réseau
	REType                             // Libellé type de réseau
	REFINESSJuridique                  // Numéro FINESS établissement juridique
	RESIREN                            // Numéro SIREN site
	REDestinataire                     // Complément destinataire (coord. structure)
	REPointGeographique                // Complément point géographique (coord. structure)
	RENumeroVoie                       // Numéro Voie (coord. structure)
	REIndiceVoie                       // Indice répétition voie (coord. structure)
	RECodeTypeVoie                     // Code type de voie (coord. structure)
	RETypeVoie                         // Libellé type de voie (coord. structure)
	RELibelleVoie                      // Libellé Voie (coord. structure)
	REMention                          // Mention distribution (coord. structure)
	REBureauCedex                      // Bureau cedex (coord. structure)
	RECodePostal                       // Code postal (coord. structure)
	RECodeCommune                      // Code commune (coord. structure)
	RECommune                          // Libellé commune (coord. structure)
	RECodePays                         // Code pays (coord. structure)
	REPays                             // Libellé pays (coord. structure)
	RETelephone                        // Téléphone (coord. structure)
	RETelephone2                       // Téléphone 2 (coord. structure)
	RETelecopie                        // Télécopie (coord. structure)
	RECourriel                         // Adresse e-mail (coord. structure)
	RECodeDepartement                  // Code Département (structure)
	REDepartement                      // Libellé Département (structure)
	RELatitude                         // Latitude
	RELongitude                        // Longitude
	REOuverture                        // Date d'ouverture
	REFermeture                        // Date de fermeture
	REMaj                              // Date de mise à jour
	REAutorite                         // Autorité d'enregistrement
	RENombre                           // how many they are
)

// Columns of [Membres].
const (
	MEIdentifiant Colonne = iota // Identifiant du réseau
	METypeMembre                 // Type de membre
	MEIDNat                      // Identification nationale du membre
	MECodeRole                   // Code rôle
	MERole                       // Libellé rôle
	MEEntree                     // Date d'entrée
	MESortie                     // Date de sortie
	MENombre                     // how many they are
)
