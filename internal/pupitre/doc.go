// Package pupitre is the laboratory desk: it shows an exchange to a person.
//
// An [Etape] is one step of a story: what was asked, who answered, why, the
// shares of each line, the two sealed messages, what was checked of their seals,
// and the proof that the journal holds them. Whoever plays the story fills it,
// with the help of a [Loupe] for the messages, [Lignes] for the shares and
// [PreuveDe] for the journal. It is then told in a terminal ([EcrireTexte]),
// written for a program ([EcrireJSON]), or shown by the web desk (package front).
//
// The desk believes nothing: a Loupe opens each message again from its bytes, and
// [Etape.Coherente] adds the shares up again before a step is said to hold.
//
// Beside the stories, it shows the books of the hospitals ([Clotures]) and the national
// directory as each family of actors may read it ([Annuaire]).
//
// It is a tool of the laboratory, for fictitious people: it shows everything that
// a message says, and has no place on a server that serves real ones.
package pupitre
