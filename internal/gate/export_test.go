package gate

// LecturesAnonymes is the bound, for tests.
const LecturesAnonymes = lecturesAnonymes
