from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv


def make(parameters: dict) -> GrvtCcxt:
    return GrvtCcxt(GrvtEnv.PROD, parameters=parameters)  # <- DG203
