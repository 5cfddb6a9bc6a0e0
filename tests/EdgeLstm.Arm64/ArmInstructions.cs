// Stands in for the framework's ARM64 instructions, whose x64 build knows only how to refuse them.
//
// The compiler for ARM64 comes with the framework of the machine it runs on. There AdvSimd and its like are compiled for "not
// supported". The compiler knows an instruction by namespace, class, method and the attribute, wherever it is declared: hence
// these declarations, one for each instruction that a kernel calls. A method's own body is never compiled for ARM64; on x64
// IsSupported is false and nobody gets that far.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace System.Runtime.CompilerServices
{
    /// <summary>Marks what the compiler replaces by one instruction.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
    internal sealed class IntrinsicAttribute : Attribute;
}

namespace System.Runtime.Intrinsics.Arm
{
    /// <summary>Instructions every ARM64 processor has.</summary>
    [Intrinsic]
    internal static class AdvSimd
    {
        public static bool IsSupported
        {
            [Intrinsic]
            get => false;
        }

        /// <summary>SXTL.</summary>
        [Intrinsic]
        public static Vector128<short> SignExtendWideningLower(Vector64<sbyte> value) =>
            throw new PlatformNotSupportedException();

        /// <summary>SXTL2.</summary>
        [Intrinsic]
        public static Vector128<short> SignExtendWideningUpper(Vector128<sbyte> value) =>
            throw new PlatformNotSupportedException();

        /// <summary>SMULL.</summary>
        [Intrinsic]
        public static Vector128<short> MultiplyWideningLower(Vector64<sbyte> left, Vector64<sbyte> right) =>
            throw new PlatformNotSupportedException();

        /// <summary>SMULL2.</summary>
        [Intrinsic]
        public static Vector128<short> MultiplyWideningUpper(Vector128<sbyte> left, Vector128<sbyte> right) =>
            throw new PlatformNotSupportedException();

        /// <summary>SADALP.</summary>
        [Intrinsic]
        public static Vector128<int> AddPairwiseWideningAndAdd(Vector128<int> addend, Vector128<short> value) =>
            throw new PlatformNotSupportedException();

        /// <summary>SMLAL.</summary>
        [Intrinsic]
        public static Vector128<int> MultiplyWideningLowerAndAdd(
            Vector128<int> addend, Vector64<short> left, Vector64<short> right) =>
            throw new PlatformNotSupportedException();

        /// <summary>SMLAL2.</summary>
        [Intrinsic]
        public static Vector128<int> MultiplyWideningUpperAndAdd(
            Vector128<int> addend, Vector128<short> left, Vector128<short> right) =>
            throw new PlatformNotSupportedException();

        /// <summary>LD1R.</summary>
        [Intrinsic]
        public static unsafe Vector128<int> LoadAndReplicateToVector128(int* address) =>
            throw new PlatformNotSupportedException();

        /// <summary>Those of them that 32-bit ARM lacks.</summary>
        [Intrinsic]
        internal static class Arm64
        {
            public static bool IsSupported
            {
                [Intrinsic]
                get => false;
            }

            /// <summary>ADDP.</summary>
            [Intrinsic]
            public static Vector128<int> AddPairwise(Vector128<int> left, Vector128<int> right) =>
                throw new PlatformNotSupportedException();

            /// <summary>ZIP1.</summary>
            [Intrinsic]
            public static Vector64<int> ZipLow(Vector64<int> left, Vector64<int> right) =>
                throw new PlatformNotSupportedException();

            /// <summary>ZIP2.</summary>
            [Intrinsic]
            public static Vector64<int> ZipHigh(Vector64<int> left, Vector64<int> right) =>
                throw new PlatformNotSupportedException();

            /// <summary>FMLA by element: addend + left · right[index].</summary>
            [Intrinsic]
            public static Vector128<float> FusedMultiplyAddBySelectedScalar(
                Vector128<float> addend, Vector128<float> left, Vector128<float> right, [ConstantExpected] byte index) =>
                throw new PlatformNotSupportedException();
        }
    }

    /// <summary>Dot products of bytes, from ARMv8.2 on.</summary>
    [Intrinsic]
    internal static class Dp
    {
        public static bool IsSupported
        {
            [Intrinsic]
            get => false;
        }

        /// <summary>SDOT: addend + the sums of four products each.</summary>
        [Intrinsic]
        public static Vector128<int> DotProduct(Vector128<int> addend, Vector128<sbyte> left, Vector128<sbyte> right) =>
            throw new PlatformNotSupportedException();

        /// <summary>SDOT by element: the same with four bytes of right for all.</summary>
        [Intrinsic]
        public static Vector128<int> DotProductBySelectedQuadruplet(
            Vector128<int> addend, Vector128<sbyte> left, Vector128<sbyte> right, [ConstantExpected] byte index) =>
            throw new PlatformNotSupportedException();
    }
}
