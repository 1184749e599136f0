package gate

// LecturesParPair is the bound, for tests.
const LecturesParPair = lecturesParPair
