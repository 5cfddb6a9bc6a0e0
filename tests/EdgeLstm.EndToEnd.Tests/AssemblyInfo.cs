// These tests share the machine's time with the programs they start, so they run one after the other.

[assembly: CollectionBehavior(DisableTestParallelization = true)]
