// Hands back the memory that reading configuration and models leaves behind.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Service;

/// <summary>Megabytes that nobody needs again.</summary>
internal static class LoadingMemory
{
    /// <summary>Collects and gives back; takes some milliseconds.</summary>
    /// <remarks>While the streams run next to nothing is allocated, so the collector would not look for a long time.</remarks>
    public static void GiveBack()
    {
#pragma warning disable RS0030 // The one place where the collector cannot know what the program knows.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
#pragma warning restore RS0030
        ProgramPages.GiveBack();
    }
}
