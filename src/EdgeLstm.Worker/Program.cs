// The command line: verbs only.

return 0;
