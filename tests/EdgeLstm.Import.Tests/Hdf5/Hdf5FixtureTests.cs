// The HDF5 reader against the shared fixtures: files of Keras 1.2 to 3.14, and variants of one file.

using EdgeLstm.Core.Models;
using EdgeLstm.Import.Hdf5;

namespace EdgeLstm.Import.Tests.Hdf5;

public sealed class Hdf5FixtureTests
{
    /// <summary>What h5py reads: datasets, elements, sum of their absolute values as float32.</summary>
    public static TheoryData<string, int, long, double> Sums => new()
    {
        { "gen/family/gru/model.keras2.h5", 5, 687, 156.77793183962785 },
        { "gen/family/lstm/model.keras2.h5", 8, 946, 267.5490029030916 },
        { "gen/family/lstm/weights_only.weights.h5", 8, 946, 267.5490029030916 },
        { "gen/h5/base.h5", 8, 946, 167.20636966051097 },
        { "gen/h5/bigendian.h5", 8, 946, 167.20636966051097 },
        { "gen/h5/chunked_gzip_shuffle.h5", 8, 946, 167.20636966051097 },
        { "gen/h5/cudnnlstm.h5", 3, 416, 71.77229647331114 },
        { "gen/h5/float64.h5", 8, 946, 167.20636966051097 },
        { "gen/h5/many_attrs.h5", 8, 946, 167.20636966051097 },
        { "gen/h5/strings_vlen.h5", 8, 946, 167.20636966051097 },
        { "models/keras-h5-dl4j-examples/simple_lstm/simple_lstm_tf_keras_1_inputs_and_outputs.h5", 6, 5401, 6625.361315952439 },
        { "models/keras-h5-dl4j-examples/simple_lstm/simple_lstm_tf_keras_1_model.h5", 28, 20902, 137491.18301356045 },
        { "models/keras-h5-dl4j-examples/simple_lstm/simple_lstm_tf_keras_1_weights.h5", 14, 10451, 1535.3363297982141 },
        { "models/keras-h5-dl4j-examples/simple_rnn/simple_rnn_tf_keras_2_inputs_and_outputs.h5", 6, 1351, 1423.692209752713 },
        { "models/keras-h5-dl4j-examples/simple_rnn/simple_rnn_tf_keras_2_model.h5", 10, 5302, 305.52342953971686 },
        { "models/keras-h5-dl4j-examples/simple_rnn/simple_rnn_tf_keras_2_weights.h5", 5, 2651, 304.66470310152636 },
        { "models/keras-h5-dl4j/rnn_0.h5", 3, 66, 21.437872622162104 },
        { "models/keras-h5-dl4j/rnn_1.h5", 6, 132, 43.59504337608814 },
        { "models/keras-h5-dl4j/rnn_10.h5", 3, 66, 19.706889111810597 },
        { "models/keras-h5-dl4j/rnn_11.h5", 6, 132, 43.56470813904889 },
        { "models/keras-h5-dl4j/rnn_13.h5", 6, 528, 104.63062998116948 },
        { "models/keras-h5-dl4j/rnn_14.h5", 3, 264, 51.54937422275543 },
        { "models/keras-h5-dl4j/rnn_15.h5", 6, 528, 101.04741376498714 },
        { "models/keras-h5-dl4j/rnn_20.h5", 3, 264, 52.03981523937546 },
        { "models/keras-h5-dl4j/rnn_22.h5", 3, 264, 51.83596033544745 },
        { "models/keras-h5-dl4j/rnn_23.h5", 6, 528, 105.5210149679333 },
        { "models/keras-h5-dl4j/rnn_24.h5", 6, 110, 34.57914808113128 },
        { "models/keras-h5-dl4j/rnn_25.h5", 12, 268, 87.03468062309548 },
        { "models/keras-h5-dl4j/rnn_27.h5", 12, 268, 88.25168177764863 },
        { "models/keras-h5-dl4j/rnn_28.h5", 6, 440, 98.8307403344661 },
        { "models/keras-h5-dl4j/rnn_29.h5", 12, 1072, 226.30418426764663 },
        { "models/keras-h5-dl4j/rnn_3.h5", 6, 132, 43.64829982444644 },
        { "models/keras-h5-dl4j/rnn_30.h5", 6, 440, 94.02046808414161 },
        { "models/keras-h5-dl4j/rnn_32.h5", 6, 110, 35.95491177216172 },
        { "models/keras-h5-dl4j/rnn_33.h5", 12, 268, 85.72744190879166 },
        { "models/keras-h5-dl4j/rnn_34.h5", 6, 110, 36.802770003676414 },
        { "models/keras-h5-dl4j/rnn_35.h5", 12, 268, 86.80322030279785 },
        { "models/keras-h5-dl4j/rnn_37.h5", 12, 1072, 227.947925040673 },
        { "models/keras-h5-dl4j/rnn_38.h5", 6, 440, 99.2482144770911 },
        { "models/keras-h5-dl4j/rnn_39.h5", 12, 1072, 229.74688408407383 },
        { "models/keras-h5-dl4j/rnn_4.h5", 3, 264, 51.68919253279455 },
        { "models/keras-h5-dl4j/rnn_44.h5", 6, 440, 93.82386119454168 },
        { "models/keras-h5-dl4j/rnn_46.h5", 6, 440, 95.38897718954831 },
        { "models/keras-h5-dl4j/rnn_47.h5", 12, 1072, 223.46144850167911 },
        { "models/keras-h5-dl4j/rnn_5.h5", 6, 528, 105.23902982084837 },
        { "models/keras-h5-dl4j/rnn_6.h5", 3, 264, 53.17641874495894 },
        { "models/keras-h5-dl4j/rnn_8.h5", 3, 66, 23.622846042271703 },
        { "models/keras-h5-dl4j/rnn_9.h5", 6, 132, 41.34570973273367 },
        { "models/keras-h5/circuitrnn_lstm.h5", 34, 153154, 9513.79748682246 },
        { "models/keras-h5/ecowatt_lstm.h5", 26, 48929, 3702.968342713635 },
        { "models/keras-h5/turbofan_regression.h5", 16, 161302, 38158698.797545195 },
    };

    [SkippableTheory]
    [InlineData("bigendian.h5", 0)]
    [InlineData("chunked_gzip_shuffle.h5", 0)]
    [InlineData("many_attrs.h5", 0)]
    [InlineData("strings_vlen.h5", 0)]
    [InlineData("float64.h5", 0)]
    public void Variants_of_one_file_hold_the_same_tensors_and_attributes(string name, double tolerance)
    {
        Dictionary<string, SourceTensor> expected = Tensors(Open("gen/h5/base.h5"));
        Hdf5Group root = Open($"gen/h5/{name}");
        Dictionary<string, SourceTensor> found = Tensors(root);
        Assert.Equal(8, found.Count);
        foreach ((string path, SourceTensor tensor) in expected)
        {
            Assert.Equal(tensor.Shape, found[path].Shape);
            Assert.All(tensor.Values.Zip(found[path].Values), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }

        Assert.Equal("2.15.0", root.Text("keras_version"));
        Assert.StartsWith("{\"class_name\": \"Sequential\"", root.Text("model_config"), StringComparison.Ordinal);
        Assert.Equal(["lstm", "lstm_1", "dense"], root.Group("model_weights")!.Texts("layer_names")!);
        Assert.Equal(["dense/kernel:0", "dense/bias:0"], root.Group("model_weights/dense")!.Texts("weight_names")!);
    }

    [SkippableTheory]
    [MemberData(nameof(Sums))]
    public void Every_dataset_of_a_real_file_is_read_as_h5py_reads_it(string name, int datasets, long elements, double sum)
    {
        Dictionary<string, SourceTensor> found = Tensors(Open(name));
        Assert.Equal(datasets, found.Count);
        Assert.Equal(elements, found.Values.Sum(tensor => (long)tensor.Values.Length));
        double absolute = found.Values.Sum(tensor => tensor.Values.Sum(value => Math.Abs((double)value)));
        Assert.Equal(sum, absolute, 1e-9 * Math.Max(1, sum));
    }

    [SkippableFact]
    public void The_loop_in_the_B_tree_is_refused() => Refused("h5_btree_loop.h5", root => _ = root.Names, "B-tree", "loop");

    [SkippableFact]
    public void The_local_heap_outside_of_the_file_is_refused() =>
        Refused("h5_heap_oob.h5", root => _ = root.Names, "local heap", "outside of the file");

    [SkippableFact]
    public void The_global_heap_longer_than_the_file_is_refused() =>
        Refused("h5_gheap_size.h5", root => root.Text("model_config"), "@model_config", "global heap", "outside of the file");

    [SkippableFact]
    public void A_pickle_named_h5_is_refused() => Refused("h5_is_pickle.h5", _ => { }, "no HDF5 file");

    [SkippableFact]
    public void A_pointer_of_Git_LFS_named_h5_is_refused() => Refused("h5_lfs_pointer.h5", _ => { }, "Git LFS", "123456");

    private static void Refused(string name, Action<Hdf5Group> read, params string[] words)
    {
        SourceFile file = Fixture.Open($"gen/bad/{name}");
        string message = Assert.Throws<ModelFileException>(() => read(Hdf5File.Open(file))).Message;
        Assert.All([name, .. words], word => Assert.Contains(word, message, StringComparison.Ordinal));
    }

    private static Hdf5Group Open(string name) => Hdf5File.Open(Fixture.Open(name));

    private static Dictionary<string, SourceTensor> Tensors(Hdf5Group group)
    {
        Dictionary<string, SourceTensor> tensors = [];
        Collect(group, tensors);
        return tensors;
    }

    private static void Collect(Hdf5Group group, Dictionary<string, SourceTensor> tensors)
    {
        foreach (string name in group.Names)
        {
            if (group.Dataset(name) is { } dataset)
            {
                tensors.Add(dataset.Path, dataset.Read());
            }
            else
            {
                Collect(group.Group(name)!, tensors);
            }
        }
    }
}
